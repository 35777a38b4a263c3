import { connect as connectPlain, isIP, type Socket } from 'node:net'
import { connect as connectSecurely, type ConnectionOptions } from 'node:tls'
import { AnswerReader, DEFAULT_KEEP_ALIVE_MS, type ReadAnswer } from './answer-reader.ts'
import type { Exchange, ExchangeAnswer, ExchangeRequest } from './exchange.ts'

/**
 * Connections of HTTP/1.1 to subgraphs, kept alive, with one request at a time on each. Why not undici's: decision 0019.
 */
export interface Connections {
  /** Starts a POST. */
  post(request: ExchangeRequest): Exchange
  /** Ends them all, with what is under way. */
  close(): void
}

/** The connection could not be made, so the request cannot have reached anybody. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected'
}

const CONNECT_TIMEOUT_MS = 2_000

/**
 * `max`: connections to one origin; what is more waits for one. `tls`: options of connections to `https:`.
 */
export function createConnections({
  max = 128,
  tls = {},
}: { max?: number; tls?: ConnectionOptions } = {}): Connections {
  const pools = new Map<string, Pool>()
  return {
    post(request) {
      const { origin } = partsOf(request.url)
      let pool = pools.get(origin)
      if (!pool) pools.set(origin, (pool = new Pool(new URL(origin), max, tls)))
      return pool.start(request)
    },
    close() {
      for (const pool of pools.values()) pool.close()
    },
  }
}

/** A request until it is answered. Classes here, as one is made for every fetch: closures cost half as much again. */
class Pending implements Exchange {
  readonly answer: Promise<ExchangeAnswer>
  readonly request: ExchangeRequest
  readonly #pool: Pool
  succeed: (answer: ExchangeAnswer) => void = () => undefined
  fail: (error: Error) => void = () => undefined
  connection: Connection | undefined

  constructor(request: ExchangeRequest, pool: Pool) {
    this.request = request
    this.#pool = pool
    this.answer = new Promise((resolve, reject) => {
      this.succeed = resolve
      this.fail = reject
    })
  }

  cancel(reason: Error): void {
    this.fail(reason)
    this.#pool.queue.delete(this)
    // Once it was sent, the subgraph learns by this that it need not go on.
    this.connection?.destroy(reason)
  }
}

/** The connections to one origin. */
class Pool {
  /** Those that wait for a connection. */
  readonly queue = new Set<Pending>()
  readonly #url: URL
  readonly #max: number
  readonly #tls: ConnectionOptions
  readonly #connections = new Set<Connection>()
  /** Those with nothing to do. The one that was used last is taken first, so that others grow old and are closed. */
  readonly #free: Connection[] = []
  #connecting = 0

  constructor(url: URL, max: number, tls: ConnectionOptions) {
    this.#url = url
    this.#max = max
    this.#tls = tls
  }

  start(request: ExchangeRequest): Exchange {
    const pending = new Pending(request, this)
    const connection = this.#free.pop()
    if (connection) connection.send(pending)
    else {
      this.queue.add(pending)
      this.#connect()
    }
    return pending
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy(new Error('the router is closing'))
  }

  /**
   * Whoever finds no free connection begins one, and takes whichever is free first: an attempt that hangs holds nobody up,
   * and who leaves takes none away.
   */
  #connect(): void {
    if (this.#connections.size >= this.#max) return
    const connection: Connection = new Connection(this.#openSocket(), {
      onConnected: () => {
        this.#connecting -= 1
        this.#give(connection)
      },
      onFree: () => this.#give(connection),
      onClosed: (error, wasConnected) => this.#lost(connection, error, wasConnected),
    })
    this.#connecting += 1
    this.#connections.add(connection)
  }

  #openSocket(): Socket {
    const { protocol, port } = this.#url
    const host = this.#url.hostname.replace(/^\[|\]$/g, '')
    const common = { host, noDelay: true }
    if (protocol === 'http:') return connectPlain({ ...common, port: Number(port || 80) })
    const servername = isIP(host) ? '' : host
    return connectSecurely({ ...common, servername, ...this.#tls, port: Number(port || 443) })
  }

  #give(connection: Connection): void {
    const [next] = this.queue
    if (!next) return void this.#free.push(connection)
    this.queue.delete(next)
    connection.send(next)
  }

  #lost(connection: Connection, error: Error, wasConnected: boolean): void {
    this.#connections.delete(connection)
    const index = this.#free.indexOf(connection)
    if (index >= 0) this.#free.splice(index, 1)
    if (!wasConnected) {
      this.#connecting -= 1
      const [next] = this.queue
      if (next) {
        this.queue.delete(next)
        next.fail(new NotConnected('a subgraph could not be connected to', { cause: error }))
      }
    }
    if (this.#connecting < this.queue.size) this.#connect()
  }
}

interface ConnectionEvents {
  onConnected(): void
  /** What was sent has been answered. */
  onFree(): void
  onClosed(error: Error, wasConnected: boolean): void
}

class Connection {
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  readonly #reader = new AnswerReader((answer) => this.#answered(answer))
  #pending: Pending | undefined
  #isConnected = false
  #isClosed = false
  #keepAliveMs = DEFAULT_KEEP_ALIVE_MS

  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket
    this.#events = events
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => this.#timedOut())
    socket.on('encrypted' in socket ? 'secureConnect' : 'connect', () => {
      this.#isConnected = true
      socket.setTimeout(DEFAULT_KEEP_ALIVE_MS)
      events.onConnected()
    })
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('end', () => this.#reader.end())
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => this.destroy(new Error('the connection was closed')))
  }

  send(pending: Pending): void {
    this.#pending = pending
    pending.connection = this
    this.#reader.maxBytes = pending.request.maxBytes
    this.#socket.write(textOf(pending.request))
  }

  destroy(error: Error): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#socket.destroy()
    this.#pending?.fail(error)
    this.#pending = undefined
    this.#events.onClosed(error, this.#isConnected)
  }

  /** Whoever waits for an answer knows how long; only connecting and idleness have times of their own. */
  #timedOut(): void {
    if (!this.#pending) this.destroy(new Error(this.#isConnected ? 'idle' : 'connecting took too long'))
  }

  #read(chunk: Buffer): void {
    if (!this.#pending) return this.destroy(new Error('an answer to nothing'))
    try {
      this.#reader.read(chunk)
    } catch (error) {
      return this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    if (!this.#pending) this.#becameFree()
  }

  #answered({ keepAliveMs, ...answer }: ReadAnswer): void {
    const pending = this.#pending
    if (!pending) throw new Error('an answer to nothing')
    this.#pending = undefined
    pending.connection = undefined
    pending.succeed(answer)
    if (keepAliveMs !== this.#keepAliveMs) this.#socket.setTimeout(keepAliveMs)
    this.#keepAliveMs = keepAliveMs
  }

  #becameFree(): void {
    // What was answered before it was wholly sent, or was more than an answer, leaves a rest that is nobody's.
    const isClean = this.#reader.isBetween && this.#socket.writableLength === 0
    if (this.#keepAliveMs > 0 && isClean) this.#events.onFree()
    else this.destroy(new Error('the connection was closed'))
  }
}

function textOf({ url, headers, body }: ExchangeRequest): string {
  const { path, host } = partsOf(url)
  let text = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\n`
  for (const name in headers) text += `${name}: ${headers[name] ?? ''}\r\n`
  return `${text}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

const parts = new Map<string, { readonly origin: string; readonly path: string; readonly host: string }>()

function partsOf(url: string) {
  const known = parts.get(url)
  if (known) return known
  const { origin, pathname, search, host } = new URL(url)
  const made = { origin, path: `${pathname}${search}`, host }
  parts.set(url, made)
  return made
}
