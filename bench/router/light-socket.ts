import { connect, type Socket } from 'node:net'

/** A WebSocket client that costs next to nothing, so that what is measured is the server. */
export interface LightSocket {
  send(message: object): void
  close(): void
}

const handshake = [
  'GET /graphql HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==',
  'Sec-WebSocket-Protocol: graphql-transport-ws',
  '\r\n',
].join('\r\n')

/** One for all: what was read is looked at before anything else is read. */
const buffer = Buffer.alloc(64 * 1024)
/** A mask of zeros leaves the text as it is. */
const noMask = [0, 0, 0, 0]
const pong = Buffer.from([0x8a, 0x80, ...noMask])
const TEXT = 0x1
const PING = 0x9

/** Opens a socket and has it acknowledged. `onText` is called for each message after that; messages are short. */
export async function openLightSocket(url: string, onText: () => void): Promise<LightSocket> {
  const { hostname, port } = new URL(url)
  let onBytes: (length: number) => void = () => undefined
  const callback = (length: number) => {
    onBytes(length)
    return true
  }
  const socket = connect({ host: hostname, port: Number(port), noDelay: true, onread: { buffer, callback } })
  const anything = () => new Promise<void>((resolve) => (onBytes = () => resolve()))
  socket.write(handshake)
  await anything()
  socket.write(textFrame({ type: 'connection_init' }))
  await anything()
  onBytes = (length) => readFrames(buffer.subarray(0, length), socket, onText)
  socket.on('error', () => undefined)
  return { send: (message) => socket.write(textFrame(message)), close: () => socket.destroy() }
}

function readFrames(chunk: Buffer, socket: Socket, onText: () => void): void {
  let at = 0
  while (at < chunk.length) {
    const opcode = (chunk[at] ?? 0) & 0x0f
    const short = chunk[at + 1] ?? 0
    if (opcode === TEXT) onText()
    if (opcode === PING) socket.write(pong)
    at += short < 126 ? 2 + short : 4 + chunk.readUInt16BE(at + 2)
  }
}

function textFrame(message: object): Buffer {
  const text = Buffer.from(JSON.stringify(message))
  const length = text.length < 126 ? [0x80 | text.length] : [0x80 | 126, text.length >> 8, text.length & 0xff]
  return Buffer.concat([Buffer.from([0x81, ...length, ...noMask]), text])
}
