import type { SubgraphMeasures } from '../metrics/measures.ts'

/** How many retries a subgraph is given: a part of its requests, so that a sick one is not stormed. */
export interface RetryBudget {
  requested(): void
  /** Whether there is one left, which is then taken. */
  take(): boolean
}

/** Retries that may be saved up: what a quiet subgraph may need at once when an instance of it goes. */
const MAX_SAVED = 20

/** `taken` is counted up in `retries`. */
export function createRetryBudget(perRequest: number, taken: Pick<SubgraphMeasures, 'retries'>): RetryBudget {
  let saved = perRequest > 0 ? MAX_SAVED : 0
  return {
    requested() {
      if (saved < MAX_SAVED) saved = Math.min(saved + perRequest, MAX_SAVED)
    },
    take() {
      if (saved < 1) return false
      saved -= 1
      taken.retries += 1
      return true
    },
  }
}
