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
export function startAttempts(options: AttemptsOptions): Exchange {
  const { endpoints, budget, isMutation, timeoutMs, send } = options
  const { promise: answer, resolve, reject } = Promise.withResolvers<ExchangeAnswer>()
  const tried: Instance[] = []
  let retriesLeft = options.retries
  let current: Exchange | undefined
  let leave: (reason: Error) => void = () => undefined
  let pause: NodeJS.Timeout | undefined
  let isOver = false
  budget.requested()
  attempt()
  return { answer, cancel }

  function attempt(failure?: Error | ExchangeAnswer, isRetry = false): void {
    const now = Date.now()
    const instance = endpoints.next(now, tried) ?? (isRetry ? sameAgain(now) : undefined)
    if (!instance) return end(failure ?? new NobodyToAsk('every instance fails'))
    tried.push(instance)
    const { breaker, queries } = instance
    const exchange = send(instance.url)
    const query = { sendElsewhere: () => exchange.cancel(new InstanceIsDead('an instance died')) }
    if (!isMutation && retriesLeft > 0) queries.add(query)
    current = exchange
    leave = (reason) => {
      const wasLong = Date.now() - now >= timeoutMs / 2
      if (reason instanceof TookTooLong && wasLong) breaker.failed(Date.now())
      else breaker.gaveUp()
    }
    exchange.answer.then(
      (given) => {
        queries.delete(query)
        if (isOver) return
        if (!isSick(given.status)) {
          breaker.succeeded()
          return end(given)
        }
        breaker.failed(Date.now())
        again(given)
      },
      (error: Error) => {
        queries.delete(query)
        if (isOver) return
        if (error instanceof AnswerTooLong) breaker.gaveUp()
        else breaker.failed(Date.now(), isConnectionFailure(error) && endpoints.instances.length > 1)
        if (error instanceof AnswerTooLong || isMutation) return end(error)
        const hasOthers = tried.length < endpoints.instances.length
        if (isConnectionFailure(error)) return hasOthers ? attempt(error) : end(error)
        again(error)
      },
    )
  }

  function again(failure: Error | ExchangeAnswer): void {
    if (isMutation || retriesLeft === 0 || !budget.take()) return end(failure)
    retriesLeft -= 1
    leave = () => undefined
    // Whoever failed together does not come back together.
    pause = setTimeout(attempt, Math.random() * MAX_PAUSE_MS, failure, true)
  }

  /** Where all have been tried, one of them may have come to itself. */
  function sameAgain(now: number): Instance | undefined {
    tried.length = 0
    return endpoints.next(now, tried)
  }

  function end(outcome: Error | ExchangeAnswer): void {
    isOver = true
    if (outcome instanceof Error) reject(outcome)
    else resolve(outcome)
  }

  function cancel(reason: Error): void {
    if (isOver) return
    isOver = true
    clearTimeout(pause)
    leave(reason)
    current?.cancel(reason)
    reject(reason)
  }
}

/** Found by a probe; the query is asked elsewhere. */
class InstanceIsDead extends Error {
  override readonly name = 'InstanceIsDead'
}

/** What a server says when it, or what is behind it, cannot answer at this moment. */
const isSick = (status: number) => status === 502 || status === 503 || status === 504

const connectionFailures: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** The request cannot have reached the subgraph. */
function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError) return error.errors.every(isConnectionFailure)
  return 'code' in error && connectionFailures.has(error.code)
}
