import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecurely, type ConnectionOptions } from 'node:tls'
import { Connection, Pending, SLOW_MS, type ConnectionOwner } from './connection.ts'
import type { Exchange, ExchangeRequest } from './exchange.ts'
import { targetOf, type Target } from './target.ts'

/**
 * Connections of HTTP/1.1 to subgraphs, kept alive. Why not undici's, and why some requests are written together: decision
 * 0019.
 */
export interface Connections {
  /** Starts a POST. */
  post(request: ExchangeRequest): Exchange
  /** Ends them all, with what is under way. */
  close(): void
}

export interface ConnectionsOptions {
  /** Connections to one origin; what is more waits for one. @default 128 */
  readonly max?: number
  /** Most queries that are written together on one connection, to be answered one behind the other; 1 for none. @default 1 */
  readonly pipelining?: number
  /** Of connections to `https:`. */
  readonly tls?: ConnectionOptions
}

/** The connection could not be made, so the request cannot have reached anybody. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected'
}

/** Fewer that begin in one turn of the loop are not written together: there is no hurry, and nobody need wait. */
const MANY = 4
/** An origin that was slow has each request alone for so long. */
const REST_MS = 250

export function createConnections(options: ConnectionsOptions = {}): Connections {
  const pools = new Map<string, Pool>()
  return {
    post(request) {
      const target = targetOf(request.url)
      let pool = pools.get(target.origin)
      if (!pool) pools.set(target.origin, (pool = new Pool(new URL(target.origin), options)))
      return pool.start(request, target)
    },
    close() {
      for (const pool of pools.values()) pool.close()
    },
  }
}

/** The connections to one origin. */
class Pool implements ConnectionOwner {
  readonly #url: URL
  readonly #options: ConnectionsOptions
  readonly #connections = new Set<Connection>()
  /** Those with nothing to do. The one that was used last is taken first, so that others grow old and are closed. */
  readonly #free: Connection[] = []
  /** Those that wait for a connection, and how many of them began to since the last flush. */
  readonly #queue = new Set<Pending>()
  #newcomers = 0
  #connecting = 0
  #isScheduled = false
  #isClosed = false
  #slowUntil = 0
  #watch: NodeJS.Timeout | undefined

  constructor(url: URL, options: ConnectionsOptions) {
    this.#url = url
    this.#options = options
  }

  start(request: ExchangeRequest, target: Target): Exchange {
    const pending = new Pending(request, target, this)
    this.#enqueue(pending)
    return pending
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#watch)
    for (const pending of this.#queue) this.#dequeue(pending).fail(closing())
    for (const connection of this.#connections) connection.destroy(closing())
  }

  connected(connection: Connection): void {
    this.#connecting -= 1
    this.freed(connection)
  }

  freed(connection: Connection): void {
    this.#free.push(connection)
    if (this.#queue.size > 0) this.#schedule()
  }

  lost(connection: Connection, error: Error): void {
    this.#connections.delete(connection)
    const index = this.#free.indexOf(connection)
    if (index >= 0) this.#free.splice(index, 1)
    if (!connection.isConnected) {
      this.#connecting -= 1
      const [next] = this.#queue
      // Whoever came later has an attempt of their own.
      if (next && next.queuedAt <= connection.since)
        this.#dequeue(next).fail(new NotConnected('a subgraph could not be connected to', { cause: error }))
    }
    if (this.#queue.size <= this.#connecting) return
    this.#newcomers += 1
    this.#schedule()
  }

  sendAlone(pending: Pending): void {
    pending.isAlone = true
    this.#enqueue(pending)
  }

  forget(pending: Pending): void {
    if (pending.isQueued) this.#dequeue(pending)
  }

  wasSlow(now: number): void {
    this.#slowUntil = now + REST_MS
  }

  #enqueue(pending: Pending): void {
    if (this.#isClosed) return pending.fail(closing())
    pending.isQueued = true
    pending.queuedAt = performance.now()
    this.#queue.add(pending)
    this.#newcomers += 1
    this.#schedule()
  }

  #dequeue(pending: Pending): Pending {
    pending.isQueued = false
    this.#queue.delete(pending)
    return pending
  }

  /** What is started in one turn of the loop is sent at its end, so that it can be written together. */
  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isScheduled = false
    const now = performance.now()
    const together = this.#together(now)
    while (this.#queue.size > 0) {
      const connection = this.#free.pop()
      if (!connection) break
      connection.send(this.#take(together), now)
    }
    // Whoever comes and finds none begins a connection, and takes whichever is free first: an attempt that hangs holds
    // nobody up, and who leaves takes none away.
    for (let wanted = Math.min(this.#newcomers, this.#queue.size); wanted > 0; wanted -= together)
      this.#connect()
    this.#newcomers = 0
    if (together > 1) this.#watch ??= setInterval(() => this.#look(), SLOW_MS)
  }

  /** How many may be written together at present. */
  #together(now: number): number {
    return this.#queue.size < MANY || now < this.#slowUntil ? 1 : (this.#options.pipelining ?? 1)
  }

  #take(count: number): Pending[] {
    const taken: Pending[] = []
    for (const pending of this.#queue) {
      if (pending.isAlone && taken.length > 0) break
      taken.push(this.#dequeue(pending))
      if (pending.isAlone || taken.length === count) break
    }
    return taken
  }

  #connect(): void {
    if (this.#connections.size >= (this.#options.max ?? 128)) return
    this.#connecting += 1
    this.#connections.add(new Connection(this.#openSocket(), this))
  }

  #openSocket(): Socket {
    const { protocol, port } = this.#url
    const host = this.#url.hostname.replace(/^\[|\]$/g, '')
    const common = { host, noDelay: true }
    if (protocol === 'http:') return connectPlain({ ...common, port: Number(port || 80) })
    const servername = isIP(host) ? '' : host
    return connectSecurely({ ...common, servername, ...this.#options.tls, port: Number(port || 443) })
  }

  /** Nobody waits long behind another. */
  #look(): void {
    const now = performance.now()
    let isNeeded = false
    for (const connection of this.#connections) {
      const followers = connection.followers
      isNeeded ||= followers.length > 0
      if (followers.length === 0 || !connection.isSlow(now)) continue
      this.wasSlow(now)
      for (const pending of followers) if (!pending.isOver && !pending.isAlone) this.sendAlone(pending)
    }
    if (isNeeded) return
    clearInterval(this.#watch)
    this.#watch = undefined
  }
}

const closing = () => new Error('the router is closing')
