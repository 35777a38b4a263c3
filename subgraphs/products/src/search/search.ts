import { Prisma } from '../generated/prisma/client.ts'
import type { Database } from '../data/database.ts'
import { loadFacets, type Facet } from './facets.ts'
import { productConditions, relevance, skuConditions, type SearchFilter } from './filter.ts'

/** In which order products are listed. */
export type ProductSort = 'RELEVANCE' | 'PRICE_ASC' | 'PRICE_DESC' | 'NEWEST' | 'BEST_SELLING'

/** A product that was found, with the number it is sorted by. */
export interface Hit {
  id: string
  sortKey: number
}

/** Finds products. The engine is PostgreSQL. */
export interface CatalogueSearch {
  /** Up to `limit` products after the given one. */
  find(request: { filter: SearchFilter; sort: ProductSort; after: Hit | null; limit: number }): Promise<Hit[]>
  count(filter: SearchFilter): Promise<number>
  facets(filter: SearchFilter): Promise<Facet[]>
}

export function createPostgresSearch(db: Database): CatalogueSearch {
  return {
    async find({ filter, sort, after, limit }) {
      const { key, direction } = sortOf(sort, filter)
      const next = Prisma.raw(direction === 'asc' ? '>' : '<')
      const page = after
        ? Prisma.sql`where (sort_key ${next} ${after.sortKey}::bigint or (sort_key = ${after.sortKey}::bigint and id > ${after.id}))`
        : Prisma.empty
      const rows = await db.$queryRaw<{ id: string; sort_key: bigint }[]>`
        select id, sort_key from (select p.id, (${key})::bigint as sort_key from product p where ${matches(filter)}) hit
        ${page} order by sort_key ${Prisma.raw(direction)}, id limit ${limit}`
      return rows.map(({ id, sort_key }) => ({ id, sortKey: Number(sort_key) }))
    },

    async count(filter) {
      const rows = await db.$queryRaw<{ count: number }[]>`
        select count(*)::int as count from product p where ${matches(filter)}`
      return rows[0]?.count ?? 0
    },

    facets: (filter) => loadFacets(db, filter),
  }
}

function matches(filter: SearchFilter): Prisma.Sql {
  return Prisma.sql`${productConditions(filter)} and exists (
    select 1 from sku s join stock k on k.sku_id = s.id where s.product_id = p.id and ${skuConditions(filter)})`
}

function sortOf(sort: ProductSort, { text }: SearchFilter): { key: Prisma.Sql; direction: 'asc' | 'desc' } {
  const sold = Prisma.sql`select coalesce(sum(k.sold), 0) from sku s join stock k on k.sku_id = s.id where s.product_id = p.id`
  switch (sort) {
    case 'PRICE_ASC':
      return { key: Prisma.sql`coalesce(p.price_from, 0)`, direction: 'asc' }
    case 'PRICE_DESC':
      return { key: Prisma.sql`coalesce(p.price_from, 0)`, direction: 'desc' }
    case 'NEWEST':
      return { key: Prisma.sql`extract(epoch from p.created_at) * 1000`, direction: 'desc' }
    case 'BEST_SELLING':
      return { key: sold, direction: 'desc' }
    case 'RELEVANCE':
      return text
        ? { key: Prisma.sql`(${relevance(text)}) * 1000000`, direction: 'desc' }
        : { key: sold, direction: 'desc' }
    default: {
      const unknown: never = sort
      throw new RangeError(`Unknown sort ${String(unknown)}`)
    }
  }
}
