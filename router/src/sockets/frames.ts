import type { StreamEvent } from '../subscriptions/event.ts'

/** A WebSocket text frame as a server sends it, whole and without a mask (RFC 6455, 5.2). */
export function textFrame(text: string): Buffer {
  return frame('', Buffer.from(text), '')
}

/** Makes `next` messages of events. The same event for the same id, as most clients count from 1, is made once. */
export function createNextFrames(): (id: string, event: StreamEvent) => Buffer {
  let last: { readonly id: string; readonly event: StreamEvent; readonly bytes: Buffer } | undefined
  return (id, event) => {
    if (last?.event === event && last.id === id) return last.bytes
    const bytes = frame(`{"id":${JSON.stringify(id)},"type":"next","payload":`, event.payload, '}')
    last = { id, event, bytes }
    return bytes
  }
}

const FINAL_TEXT = 0x81

function frame(before: string, payload: Buffer, after: string): Buffer {
  const beforeLength = Buffer.byteLength(before)
  const length = beforeLength + payload.length + after.length
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const bytes = Buffer.allocUnsafe(headerLength + length)
  bytes[0] = FINAL_TEXT
  if (headerLength === 2) bytes[1] = length
  else if (headerLength === 4) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(length), 2)
  }
  bytes.write(before, headerLength)
  payload.copy(bytes, headerLength + beforeLength)
  bytes.write(after, headerLength + beforeLength + payload.length)
  return bytes
}
