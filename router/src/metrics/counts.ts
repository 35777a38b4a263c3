/** What rooms count as it happens; each is given what it knows of. Numbers only grow, over swaps of the supergraph, too. */
export interface Counts {
  planHits: number
  planMisses: number
  /** Entries of the answer cache that were looked up: there, not there, Redis away. */
  cacheHits: number
  cacheMisses: number
  cacheFailures: number
  /** Operations that came by their hash, and what came of it. */
  persistedHits: number
  persistedLearned: number
  persistedUnknown: number
  /** Texts that are not in the manifest, where that is looked at. */
  unregistered: number
  /** Operations that could not be prepared. */
  invalid: number
  rateLimited: number
  shed: number
  /** Events that a newer one took the place of before a slow client got them. */
  conflated: number
  /** Fetches that were answered by another's request. */
  flightsShared: number
  swapsDone: number
  swapsRefused: number
}

export const createCounts = (): Counts => ({
  planHits: 0,
  planMisses: 0,
  cacheHits: 0,
  cacheMisses: 0,
  cacheFailures: 0,
  persistedHits: 0,
  persistedLearned: 0,
  persistedUnknown: 0,
  unregistered: 0,
  invalid: 0,
  rateLimited: 0,
  shed: 0,
  conflated: 0,
  flightsShared: 0,
  swapsDone: 0,
  swapsRefused: 0,
})
