import { CircuitState, SamplingBreaker } from 'cockatiel'
import type { SubgraphsFile } from './config.ts'

/** Keeps requests from an instance that fails, and lets one try after a pause. Times in epoch milliseconds. */
export interface Breaker {
  /** Whether a request may be sent; one that may is begun, and one of the three below follows. */
  begin(now: number): boolean
  succeeded(): void
  /** `isDead`: nobody is there, so that there is no need to see more failures. */
  failed(now: number, isDead?: boolean): void
  /** It was given up, which says nothing of the instance. */
  gaveUp(): void
  /** Whether it keeps requests away, but for one that tries. */
  isOpen(): boolean
}

/**
 * cockatiel counts. Its policy is not used: it lets requests wait for the one that tries, where others are to be refused
 * or sent elsewhere at once, and takes one whose client has left for a success.
 */
export function createBreaker({ threshold, window, minimum, pause }: SubgraphsFile['breaker']): Breaker {
  const counts = new SamplingBreaker({
    threshold,
    duration: window,
    minimumRps: (minimum * 1_000) / window,
  })
  let state = CircuitState.Closed
  let triesAt = 0
  return {
    begin(now) {
      if (state === CircuitState.Closed) return true
      if (state === CircuitState.HalfOpen || now < triesAt) return false
      state = CircuitState.HalfOpen
      return true
    },
    succeeded() {
      // It was begun before it opened, and says nothing of now.
      if (state === CircuitState.Open) return
      counts.success(state)
      state = CircuitState.Closed
    },
    failed(now, isDead = false) {
      if (state === CircuitState.Open) return
      const opens = counts.failure(state)
      if (!opens && !isDead) return
      state = CircuitState.Open
      triesAt = now + pause
    },
    gaveUp() {
      // The next one tries.
      if (state === CircuitState.HalfOpen) state = CircuitState.Open
    },
    isOpen: () => state !== CircuitState.Closed,
  }
}
