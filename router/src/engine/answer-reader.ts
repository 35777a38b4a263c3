import { AnswerTooLong, type ExchangeAnswer } from './exchange.ts'

/** An answer of HTTP/1.1 as it was read, and for how long its connection may be used again; milliseconds, 0 for never. */
export interface ReadAnswer extends ExchangeAnswer {
  readonly keepAliveMs: number
}

type Head = Omit<ReadAnswer, 'text'>

const END_OF_HEAD = '\r\n\r\n'
const MAX_LINES = 16 * 1024
/** Node's own servers close a connection that is idle for five seconds, and a request may meet that. */
export const DEFAULT_KEEP_ALIVE_MS = 4_000
/** What a server says is shortened by this: what is sent now arrives a little later. */
const MARGIN_MS = 1_000

/**
 * Reads the answers of one connection, one after the other, in whatever pieces they come (RFC 9112). Throws for what is no
 * HTTP/1.1, and `AnswerTooLong`.
 */
export class AnswerReader {
  readonly #onAnswer: (answer: ReadAnswer) => void
  /** Most bytes of a body. */
  maxBytes = Infinity
  /** What is not yet enough for a head or a line. */
  #rest: Buffer | undefined
  #head: Head | undefined
  #framing: 'length' | 'chunks' | 'trailers' | 'close' = 'length'
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0
  #size = 0
  #body: Buffer[] = []

  constructor(onAnswer: (answer: ReadAnswer) => void) {
    this.#onAnswer = onAnswer
  }

  /** Nothing of an answer has come that is not whole. */
  get isBetween(): boolean {
    return !this.#head && !this.#rest
  }

  read(chunk: Buffer): void {
    let bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#rest = undefined
    while (bytes.length > 0) {
      const used = this.#head ? this.#readBody(bytes) : this.#readHead(bytes)
      if (used === 0) {
        if (bytes.length > MAX_LINES) throw new Error('a head or a line is too long')
        this.#rest = bytes
        return
      }
      bytes = bytes.subarray(used)
    }
  }

  /** The server sends no more. A body may end by that; whatever else was not whole stays so. */
  end(): void {
    if (this.#head && this.#framing === 'close') this.#finish()
  }

  /** How many bytes were used; 0 where more are needed. */
  #readHead(bytes: Buffer): number {
    const end = bytes.indexOf(END_OF_HEAD)
    if (end < 0) return 0
    const head = bytes.toString('latin1', 0, end).toLowerCase()
    const status = Number(head.slice(9, 12))
    if (!head.startsWith('http/1.') || !(status >= 100)) throw new Error('this is no answer of HTTP/1.1')
    const start = end + END_OF_HEAD.length
    // Interim answers, such as 103, are not those that were asked for.
    if (status < 200) return start
    this.#head = { status, cacheControl: headerOf(head, 'cache-control'), keepAliveMs: keepAliveOf(head) }
    this.#left = 0
    this.#size = 0
    const length = headerOf(head, 'content-length')
    if (headerOf(head, 'transfer-encoding') !== undefined) this.#framing = 'chunks'
    else if (length !== undefined || status === 204 || status === 304) {
      this.#framing = 'length'
      this.#expect(Number(length ?? 0))
      if (this.#left === 0) this.#finish()
    } else {
      this.#framing = 'close'
      this.#head = { ...this.#head, keepAliveMs: 0 }
    }
    return start
  }

  #readBody(bytes: Buffer): number {
    if (this.#framing === 'chunks' && this.#left === 0) return this.#readChunkLine(bytes)
    if (this.#framing === 'trailers') return this.#readTrailer(bytes)
    if (this.#framing === 'close') this.#expect(bytes.length)
    const used = Math.min(this.#left, bytes.length)
    this.#body.push(used === bytes.length ? bytes : bytes.subarray(0, used))
    this.#left -= used
    if (this.#framing === 'length' && this.#left === 0) this.#finish()
    return used
  }

  #readChunkLine(bytes: Buffer): number {
    // Behind a chunk, and before the next one's line, is an end of line.
    const from = bytes[0] === 13 && bytes[1] === 10 ? 2 : 0
    const end = bytes.indexOf('\r\n', from)
    if (end < 0) return 0
    const line = bytes.toString('latin1', from, end)
    const size = /^[\da-f]+\s*(;|$)/i.test(line) ? Number.parseInt(line, 16) : NaN
    if (size === 0) this.#framing = 'trailers'
    else this.#expect(size)
    return end + 2
  }

  #readTrailer(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n')
    if (end < 0) return 0
    if (end === 0) this.#finish()
    return end + 2
  }

  #expect(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0) throw new Error('a body, or a chunk, has no length')
    this.#left = size
    this.#size += size
    if (this.#size > this.maxBytes) throw new AnswerTooLong('an answer was too long')
  }

  #finish(): void {
    const [first] = this.#body
    const bytes = this.#body.length === 1 && first ? first : Buffer.concat(this.#body)
    const head = this.#head
    this.#body = []
    this.#head = undefined
    if (head) this.#onAnswer({ ...head, text: bytes.toString('utf8') })
  }
}

/** `head` is in lower case. */
function headerOf(head: string, name: string): string | undefined {
  const at = head.indexOf(`\r\n${name}:`)
  if (at < 0) return undefined
  const from = at + name.length + 3
  const end = head.indexOf('\r\n', from)
  return head.slice(from, end < 0 ? undefined : end).trim()
}

function keepAliveOf(head: string): number {
  const connection = headerOf(head, 'connection')
  if (connection === 'close' || (head.startsWith('http/1.0') && connection !== 'keep-alive')) return 0
  const seconds = /timeout=(\d+)/.exec(headerOf(head, 'keep-alive') ?? '')?.[1]
  return seconds === undefined ? DEFAULT_KEEP_ALIVE_MS : Math.max(0, Number(seconds) * 1000 - MARGIN_MS)
}
