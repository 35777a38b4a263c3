import type { Socket } from 'node:net'
import { AnswerReader, DEFAULT_KEEP_ALIVE_MS, type ReadAnswer } from './answer-reader.ts'
import type { Exchange, ExchangeAnswer, ExchangeRequest } from './exchange.ts'
import type { Target } from './target.ts'

/** What a connection tells the pool that it belongs to. */
export interface ConnectionOwner {
  /** It stands, and nobody waits on it yet. */
  connected(connection: Connection): void
  /** Nobody waits on it any more: it may be given to others. */
  freed(connection: Connection): void
  lost(connection: Connection, error: Error): void
  /** Somebody is to be sent, or sent again, on a connection where nobody else waits. */
  sendAlone(pending: Pending): void
  /** Somebody waits no more for a connection. */
  forget(pending: Pending): void
  /** An answer came late. */
  wasSlow(now: number): void
}

const CONNECT_TIMEOUT_MS = 2_000
/** So long somebody waits behind another's answer, at most; then they are sent again, alone. */
export const SLOW_MS = 50

/** A request until it is answered. A class, as one is made for every fetch: closures cost half as much again. */
export class Pending implements Exchange {
  readonly answer: Promise<ExchangeAnswer>
  readonly request: ExchangeRequest
  readonly target: Target
  readonly #owner: ConnectionOwner
  #resolve: (answer: ExchangeAnswer) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  isOver = false
  isAlone: boolean
  isQueued = false
  /** When it came into the queue last. */
  queuedAt = 0
  /** Where it may be answered: two, once it was sent again. */
  readonly connections: Connection[] = []

  constructor(request: ExchangeRequest, target: Target, owner: ConnectionOwner) {
    this.request = request
    this.target = target
    this.isAlone = request.isMutation
    this.#owner = owner
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  cancel(reason: Error): void {
    this.#owner.forget(this)
    this.#end()
    this.#reject(reason)
  }

  succeed(answer: ExchangeAnswer): void {
    this.#end()
    this.#resolve(answer)
  }

  /** A connection on which it waited is gone. */
  lost(connection: Connection, isToBlame: boolean, error: Error): void {
    this.connections.splice(this.connections.indexOf(connection), 1)
    if (this.isOver || this.isQueued || this.connections.length > 0) return
    // A query that was only written behind others may be sent again.
    if (!isToBlame && !this.isAlone) return this.#owner.sendAlone(this)
    this.fail(error)
  }

  fail(error: Error): void {
    this.isOver = true
    this.#reject(error)
  }

  #end(): void {
    this.isOver = true
    if (this.connections.length > 0)
      for (const connection of [...this.connections]) connection.closeIfUnwanted()
  }
}

export class Connection {
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #reader = new AnswerReader((answer) => this.#answered(answer))
  /** In the order in which they were written. */
  #waiting: Pending[] = []
  /** When the first of them became the first, and before that when it began to connect. */
  #since = performance.now()
  isConnected = false
  #isClosed = false
  #keepAliveMs = DEFAULT_KEEP_ALIVE_MS

  constructor(socket: Socket, owner: ConnectionOwner) {
    this.#socket = socket
    this.#owner = owner
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => this.#timedOut())
    socket.on('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(DEFAULT_KEEP_ALIVE_MS)
      this.isConnected = true
      owner.connected(this)
    })
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.#reader.end())
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy(new Error('the connection was closed')))
  }

  /** Those that wait behind the first. */
  get followers(): readonly Pending[] {
    return this.#waiting.length > 1 ? this.#waiting.slice(1) : []
  }

  get since(): number {
    return this.#since
  }

  isSlow(now: number): boolean {
    return this.#waiting.length > 0 && now - this.#since > SLOW_MS
  }

  /** Writes requests together; they are answered in their order. */
  send(group: Pending[], now: number): void {
    this.#waiting = group
    this.#since = now
    let text = ''
    for (const pending of group) {
      pending.connections.push(this)
      // All that is asked of one origin has one bound.
      this.#reader.maxBytes = pending.request.maxBytes
      text += textOf(pending)
    }
    this.#socket.write(text)
  }

  /** Closes it where nobody waits: the subgraph learns by this that it need not go on. */
  closeIfUnwanted(): void {
    if (this.#waiting.every(({ isOver }) => isOver)) this.destroy(new Error('nobody waits'))
  }

  /** @param isFirstToBlame whether what was waited for first may have been the reason. */
  destroy(error: Error, isFirstToBlame = true): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.destroy()
    const waiting = this.#waiting
    this.#waiting = []
    this.#owner.lost(this, error)
    waiting.forEach((pending, index) => pending.lost(this, isFirstToBlame && index === 0, error))
  }

  /** Whoever waits for an answer knows how long; only connecting and idleness have times of their own. */
  #timedOut(): void {
    if (this.#waiting.length === 0)
      this.destroy(new Error(this.isConnected ? 'idle' : 'connecting took too long'))
  }

  #read(chunk: Buffer): void {
    try {
      this.#reader.read(chunk)
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    if (this.#waiting.length === 0 && !this.#isClosed) this.#becameFree()
  }

  #answered({ keepAliveMs, ...answer }: ReadAnswer): void {
    const pending = this.#waiting.shift()
    if (!pending) throw new Error('an answer to nothing')
    const now = performance.now()
    if (this.isSlow(now)) this.#owner.wasSlow(now)
    this.#since = now
    pending.connections.splice(pending.connections.indexOf(this), 1)
    if (!pending.isOver) pending.succeed(answer)
    if (keepAliveMs === 0) return this.destroy(new Error('the connection was closed'), false)
    if (keepAliveMs !== this.#keepAliveMs) this.#socket.setTimeout(keepAliveMs)
    this.#keepAliveMs = keepAliveMs
  }

  #becameFree(): void {
    // What was answered before it was wholly sent, or was more than an answer, leaves a rest that is nobody's.
    if (this.#reader.isBetween && this.#socket.writableLength === 0) this.#owner.freed(this)
    else this.destroy(new Error('the connection was closed'))
  }
}

function textOf({ request: { headers, body }, target }: Pending): string {
  let text = target.beginning
  for (const name in headers) text += `${name}: ${headers[name] ?? ''}\r\n`
  return `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
