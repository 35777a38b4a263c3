import { join } from 'node:path'

/** The project's root folder. */
export const root = join(import.meta.dirname, '..', '..')

/** Where what was fetched once is kept; `npm run reset` leaves it. */
export const cacheDir = join(root, '.cache')

/** Where a started mall keeps its data. */
export const defaultDataDir = join(root, '.data')

/** The subgraphs, in the order they are started. */
export const subgraphs = ['users', 'products', 'orders'] as const

/** The name of a subgraph. */
export type SubgraphName = (typeof subgraphs)[number]
