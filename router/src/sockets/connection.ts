import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Caller } from '../subscriptions/callers.ts'
import type { Outbox } from '../subscriptions/outbox.ts'

/** One socket: who it speaks for, and what runs on it. */
export interface Connection extends Caller {
  readonly socket: WebSocket
  /** What the socket's frames go over. */
  readonly stream: Duplex
  readonly outbox: Outbox
  /** Epoch milliseconds. */
  readonly openedAt: number
  state: 'open' | 'initialising' | 'acknowledged'
  /** What had been read at the last ping. */
  bytesRead: number
}
