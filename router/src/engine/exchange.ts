import type { Agent, Dispatcher } from 'undici'

export interface ExchangeRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Most bytes of the answer; a longer one is broken off. */
  readonly maxBytes: number
}

export class AnswerTooLong extends Error {
  override readonly name = 'AnswerTooLong'
}

export interface ExchangeAnswer {
  readonly status: number
  readonly text: string
  readonly cacheControl?: string | undefined
}

/** An HTTP POST that is under way. */
export interface Exchange {
  /** Whatever its status. */
  readonly answer: Promise<ExchangeAnswer>
  /** Gives the request up, wherever it is; the connection is closed if it was sent. */
  cancel(reason: Error): void
}

/** Starts a POST with undici's lowest level: streams, signals and timers for each request would cost more than the rest. */
export function startExchange(agent: Agent, { url, headers, body, maxBytes }: ExchangeRequest): Exchange {
  const { origin, path } = partsOf(url)
  const handler = new Handler(maxBytes)
  agent.dispatch(
    // Whoever waits for the answer knows how long; undici's own timers would be a second opinion.
    { origin, path, method: 'POST', headers, body, headersTimeout: 0, bodyTimeout: 0 },
    handler,
  )
  return { answer: handler.answer, cancel: (reason) => handler.cancel(reason) }
}

class Handler implements Dispatcher.DispatchHandler {
  readonly answer: Promise<ExchangeAnswer>
  #resolve: (answer: ExchangeAnswer) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  #controller: Dispatcher.DispatchController | undefined
  #cancelled: Error | undefined
  #status = 0
  #cacheControl: string | undefined
  #chunks: Buffer[] = []
  #bytesLeft: number

  constructor(maxBytes: number) {
    this.#bytesLeft = maxBytes
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  cancel(reason: Error): void {
    this.#cancelled = reason
    this.#controller?.abort(reason)
    this.#reject(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // It was given up while it waited for a connection. To abort would close the connection that others wait for: with
    // many such requests in the queue none would ever be sent.
    if (this.#cancelled) throw this.#cancelled
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    this.#status = status
    const cacheControl = headers['cache-control']
    if (cacheControl !== undefined) this.#cacheControl = String(cacheControl)
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytesLeft -= chunk.length
    if (this.#bytesLeft < 0) return this.cancel(new AnswerTooLong('an answer was too long'))
    this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    const [first] = this.#chunks
    const bytes = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    this.#resolve({
      status: this.#status,
      text: bytes.toString('utf8'),
      cacheControl: this.#cacheControl,
    })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error)
  }
}

const parts = new Map<string, { readonly origin: string; readonly path: string }>()

function partsOf(url: string): { readonly origin: string; readonly path: string } {
  const known = parts.get(url)
  if (known) return known
  const { origin, pathname, search } = new URL(url)
  const made = { origin, path: `${pathname}${search}` }
  parts.set(url, made)
  return made
}
