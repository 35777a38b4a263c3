export interface ExchangeRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** A mutation is sent once, and waits behind nobody. */
  readonly isMutation: boolean
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
