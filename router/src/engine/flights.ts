import type { Counts } from '../metrics/counts.ts'
import type { Exchange, ExchangeAnswer } from './exchange.ts'

/** Queries under way by what they ask, so that a crowd that asks the same costs a subgraph one request. */
export interface Flights {
  /**
   * The answer of `start`, or of another's that began a moment ago under the same key. `key` must say everything that
   * the answer depends on: to whom, for whom, what. Null: never shared. Throws TookTooLong.
   */
  ride(key: string | null, start: () => Exchange, limits: RideLimits): Promise<ExchangeAnswer>
  /** Something has changed: who asks from now on must not get an answer that was begun before. */
  forget(): void
}

export interface RideLimits {
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

export class TookTooLong extends Error {
  override readonly name = 'TookTooLong'
}

/** An answer may have been begun so long ago when it is joined, in milliseconds. */
const JOIN_WITHIN_MS = 100
/** So long somebody waits for another's request before making one of their own, in milliseconds: it may hang. */
const WAIT_FOR_OTHERS_MS = 500

/** A request under way that others who ask the same may wait for, too. */
interface Flight {
  readonly exchange: Exchange
  readonly startedAt: number
  riders: number
}

export function createFlights(counts: Pick<Counts, 'flightsShared'>, now: () => number = Date.now): Flights {
  const open = new Map<string, Flight>()
  return {
    async ride(key, start, { signal, timeoutMs }) {
      if (timeoutMs <= 0) throw new TookTooLong('there was no time left')
      const known = key === null ? undefined : open.get(key)
      if (!known || now() - known.startedAt >= JOIN_WITHIN_MS)
        return board(begin(key, start), { signal, timeoutMs })
      const waitMs = Math.min(WAIT_FOR_OTHERS_MS, timeoutMs / 2)
      try {
        const answer = await board(known, { signal, timeoutMs: waitMs })
        counts.flightsShared += 1
        return answer
      } catch (error) {
        if (!(error instanceof TookTooLong)) throw error
        return board(begin(null, start), { signal, timeoutMs: timeoutMs - waitMs })
      }
    },
    forget: () => open.clear(),
  }

  function begin(key: string | null, start: () => Exchange): Flight {
    const flight: Flight = { exchange: start(), startedAt: now(), riders: 0 }
    if (key === null) return flight
    open.set(key, flight)
    const land = () => {
      if (open.get(key) === flight) open.delete(key)
    }
    flight.exchange.answer.then(land, land)
    return flight
  }
}

/** Waits for a flight; who is the last to leave it cancels it. */
function board(flight: Flight, { signal, timeoutMs }: RideLimits): Promise<ExchangeAnswer> {
  return new Promise((resolve, reject) => {
    flight.riders += 1
    const timer = setTimeout(() => leave(new TookTooLong('a subgraph took too long')), timeoutMs)
    const onAbort = () => leave(new Error('the client has left'))
    signal.addEventListener('abort', onAbort)
    flight.exchange.answer.then(
      (answer) => {
        alight()
        resolve(answer)
      },
      (error: Error) => {
        alight()
        reject(error)
      },
    )
    if (signal.aborted) onAbort()

    function alight() {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    function leave(reason: Error) {
      alight()
      flight.riders -= 1
      if (flight.riders === 0) flight.exchange.cancel(reason)
      reject(reason)
    }
  })
}
