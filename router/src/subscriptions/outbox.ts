import type { Writable } from 'node:stream'
import type { Counts } from '../metrics/counts.ts'
import { isOlder, type StreamEvent } from './event.ts'

/** What goes to one client. What the client is too slow for waits here, where newer states take the place of older. */
export interface Outbox {
  /** An event of an operation. False when it would be too much to keep: the operation cannot go on. */
  event(operation: string, event: StreamEvent): boolean
  /** Anything else, after the events that came before it. A client that lets too much of it wait is cut off. */
  message(bytes: Buffer): void
  /** Drops what waits for an operation. */
  forget(operation: string): void
  /** Ends the stream after what waits. */
  end(): void
}

export interface OutboxOptions {
  readonly to: Writable
  /** Nothing is written, nor kept, when it is not. */
  readonly isOpen: () => boolean
  /** The bytes of an event as they go to the client. */
  readonly render: (operation: string, event: StreamEvent) => Buffer
  readonly counts: Pick<Counts, 'conflated'>
}

interface Waiting {
  readonly bytes: Buffer
  /** Undefined for a message. */
  readonly of?: { readonly operation: string; readonly event: StreamEvent }
}

/** Bytes that may wait in the socket before the client counts as slow. */
const SLOW_BYTES = 64 * 1024
/** Bytes that may wait beside those when an event comes that must not be left out. */
const MAX_EVENT_BYTES = 1024 * 1024
/** The same for an event with a key. More, as they are only as many as keys, and one text for all who wait for it. */
const MAX_KEYED_BYTES = 3 * MAX_EVENT_BYTES
/** Bytes of anything. */
const MAX_BYTES = 4 * MAX_EVENT_BYTES

export function createOutbox({ to, isOpen, render, counts }: OutboxOptions): Outbox {
  /** In the order of sending; events by operation and key. */
  let waiting: Map<unknown, Waiting> | undefined
  let waitingBytes = 0
  let isEnding = false
  to.on('drain', flush)

  return { event, message, forget, end }

  function event(operation: string, event: StreamEvent): boolean {
    if (!isOpen()) return true
    if (!isBehind()) {
      to.write(render(operation, event))
      return true
    }
    // What cannot be replaced gets a key that nothing else has.
    const key = event.key === undefined ? Symbol() : `${operation}\n${event.key}`
    const before = waiting?.get(key)
    if (isOlder(event, before?.of?.event)) {
      counts.conflated += 1
      return true
    }
    const more = event.payload.length - (before?.bytes.length ?? 0)
    if (waitingBytes + more > (event.key === undefined ? MAX_EVENT_BYTES : MAX_KEYED_BYTES)) return false
    if (before) counts.conflated += 1
    put(key, { bytes: event.payload, of: { operation, event } })
    return true
  }

  function message(bytes: Buffer): void {
    if (!isOpen()) return
    if (!isBehind()) return void to.write(bytes)
    put(Symbol(), { bytes })
    if (waitingBytes + to.writableLength > MAX_BYTES) to.destroy()
  }

  function forget(operation: string): void {
    for (const [key, one] of waiting ?? []) if (one.of?.operation === operation) take(key, one)
  }

  function end(): void {
    isEnding = true
    if (!waiting) to.end()
  }

  function isBehind(): boolean {
    return waiting !== undefined || to.writableLength > SLOW_BYTES
  }

  function flush(): void {
    for (const [key, one] of waiting ?? []) {
      if (to.writableLength > SLOW_BYTES || !isOpen()) return
      take(key, one)
      to.write(one.of ? render(one.of.operation, one.of.event) : one.bytes)
    }
    waiting = undefined
    if (isEnding) to.end()
  }

  function put(key: unknown, one: Waiting): void {
    waiting ??= new Map()
    const before = waiting.get(key)
    if (before) take(key, before)
    waiting.set(key, one)
    waitingBytes += one.bytes.length
  }

  function take(key: unknown, { bytes }: Waiting): void {
    waiting?.delete(key)
    waitingBytes -= bytes.length
  }
}
