import { NotConnected } from './connections.ts'
import type { Endpoints, Instance } from './endpoints.ts'
import { AnswerTooLong, type Exchange, type ExchangeAnswer } from './exchange.ts'
import { TookTooLong } from './flights.ts'
import type { RetryBudget } from './retry-budget.ts'

export interface AttemptsOptions {
  readonly endpoints: Endpoints
  readonly budget: RetryBudget
  /** How often a query is sent again. A mutation is sent once. */
  readonly retries: number
  readonly isMutation: boolean
  /** So long somebody waits for the answer; milliseconds. */
  readonly timeoutMs: number
  /** Sends it to an instance. */
  readonly send: (url: string) => Exchange
}

/** Nobody may be asked at this moment. */
export class NobodyToAsk extends Error {
  override readonly name = 'NobodyToAsk'
}

/** So long before what an instance refused is sent again, at most; milliseconds. */
const MAX_PAUSE_MS = 100

/**
 * Sends a request to the next instance, and a query to others while that fails in ways that pass. An instance that refuses
 * the connection has not seen it, so going on costs no retry.
 */
export const startAttempts = (options: AttemptsOptions): Exchange => new Attempts(options)

/** A class, as one is made for every fetch: closures in its place cost half as much again. */
class Attempts implements Exchange {
  readonly answer: Promise<ExchangeAnswer>
  readonly #options: AttemptsOptions
  #resolve: (answer: ExchangeAnswer) => void = () => undefined
  #reject: (error: Error) => void = () => undefined
  readonly #tried: Instance[] = []
  #retriesLeft: number
  /** Who was asked last, by what, and when; undefined while nobody is asked. */
  #instance: Instance | undefined
  #exchange: Exchange | undefined
  #startedAt = 0
  #pause: NodeJS.Timeout | undefined
  #isOver = false

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.#retriesLeft = options.isMutation ? 0 : options.retries
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    options.budget.requested()
    this.#attempt(undefined, false)
  }

  cancel(reason: Error): void {
    if (this.#isOver) return
    const { breaker } = this.#leave() ?? {}
    const now = Date.now()
    const wasLong = now - this.#startedAt >= this.#options.timeoutMs / 2
    if (reason instanceof TookTooLong && wasLong) breaker?.failed(now)
    else breaker?.gaveUp()
    clearTimeout(this.#pause)
    this.#end(reason)
    this.#exchange?.cancel(reason)
  }

  sendElsewhere(): void {
    this.#exchange?.cancel(new InstanceIsDead('an instance died'))
  }

  #attempt(failure: Error | ExchangeAnswer | undefined, isRetry: boolean): void {
    const now = Date.now()
    const { endpoints, send } = this.#options
    const instance = endpoints.next(now, this.#tried) ?? (isRetry ? this.#sameAgain(now) : undefined)
    if (!instance) return this.#end(failure ?? new NobodyToAsk('every instance fails'))
    this.#tried.push(instance)
    this.#instance = instance
    this.#startedAt = now
    if (this.#retriesLeft > 0) instance.queries.add(this)
    this.#exchange = send(instance.url)
    this.#exchange.answer.then(
      (answer) => this.#answered(answer),
      (error: Error) => this.#failed(error),
    )
  }

  /** Where all have been tried, one of them may have come to itself. */
  #sameAgain(now: number): Instance | undefined {
    this.#tried.length = 0
    return this.#options.endpoints.next(now, this.#tried)
  }

  #answered(answer: ExchangeAnswer): void {
    if (this.#isOver) return
    const { breaker } = this.#leave() ?? {}
    if (isSick(answer.status)) {
      breaker?.failed(Date.now())
      return this.#again(answer)
    }
    breaker?.succeeded()
    this.#end(answer)
  }

  #failed(error: Error): void {
    if (this.#isOver) return
    const { endpoints, isMutation } = this.#options
    const { breaker } = this.#leave() ?? {}
    if (error instanceof AnswerTooLong) {
      breaker?.gaveUp()
      return this.#end(error)
    }
    const wasRefused = error instanceof NotConnected
    const count = endpoints.instances.length
    breaker?.failed(Date.now(), wasRefused && count > 1)
    if (!wasRefused) return this.#again(error)
    if (isMutation || this.#tried.length >= count) return this.#end(error)
    this.#attempt(error, false)
  }

  #again(failure: Error | ExchangeAnswer): void {
    if (this.#retriesLeft === 0 || !this.#options.budget.take()) return this.#end(failure)
    this.#retriesLeft -= 1
    // Whoever failed together does not come back together.
    this.#pause = setTimeout(() => this.#attempt(failure, true), Math.random() * MAX_PAUSE_MS)
  }

  #leave(): Instance | undefined {
    const instance = this.#instance
    instance?.queries.delete(this)
    this.#instance = undefined
    return instance
  }

  #end(outcome: Error | ExchangeAnswer): void {
    this.#isOver = true
    if (outcome instanceof Error) this.#reject(outcome)
    else this.#resolve(outcome)
  }
}

/** Found by a probe; the query is asked elsewhere. */
class InstanceIsDead extends Error {
  override readonly name = 'InstanceIsDead'
}

/** What a server says when it, or what is behind it, cannot answer at this moment. */
const isSick = (status: number) => status === 502 || status === 503 || status === 504
