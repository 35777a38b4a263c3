import type { Viewer } from '@mall/access'
import type { CachedAnswers } from './data/cached-answers.ts'
import type { CatalogueRepository } from './data/catalogue-repository.ts'
import type { Loaders } from './data/loaders.ts'
import type { CatalogueSearch } from './search/search.ts'
import type { StockDesk } from './stock/desk.ts'
import type { StockWatch } from './stock/watch.ts'

/** What every resolver gets: who asks, and what this process offers. Loaders are fresh per request. */
export interface Context {
  viewer: Viewer | null
  catalogue: CatalogueRepository
  search: CatalogueSearch
  loaders: Loaders
  desk: StockDesk
  watch: StockWatch
  cached: CachedAnswers
  /** Tells other subgraphs of a change now instead of within a second. */
  wakeOutbox(): void
  /** What stands before `/media/…`. */
  mediaBaseUrl: string
}
