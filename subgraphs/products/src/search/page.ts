import { buildConnection, decodeCursor, pageSize, type Connection } from '@mall/service/connection'
import { badUserInput } from '@mall/service/errors'
import type { Context } from '../context.ts'
import type { QueryProductsArgs } from '../generated/graphql.ts'
import type { Category, Product } from '../generated/prisma/client.ts'
import type { Facet } from './facets.ts'
import type { SearchFilter } from './filter.ts'
import type { Hit } from './search.ts'

/** A page of products that match. Its counts are read only when they are selected. */
export interface ProductPage extends Connection<Product> {
  count(): Promise<number>
  countFacets(): Promise<Facet[]>
}

/** Finds a page of products. Throws BAD_USER_INPUT for a foreign cursor or page size. */
export async function searchProducts(
  args: Partial<QueryProductsArgs>,
  { search, loaders }: Context,
): Promise<ProductPage> {
  const first = pageSize(args.first, { fallback: 24 })
  const filter = filterOf(args.search, await loaders.categories())
  const after = hitOf(args.after)
  const hits = await search.find({ filter, sort: args.search?.sort ?? 'RELEVANCE', after, limit: first + 1 })
  const products = await loaders.product.loadMany(hits.map(({ id }) => id))
  const rows = products.flatMap((product, index) => {
    const hit = hits[index]
    return product && !(product instanceof Error) && hit ? [{ product, hit }] : []
  })
  return {
    ...buildConnection({
      rows,
      first,
      after: args.after,
      cursorOf: ({ hit }) => [hit.sortKey, hit.id],
      nodeOf: ({ product }) => product,
    }),
    count: () => search.count(filter),
    countFacets: () => search.facets(filter),
  }
}

function filterOf(input: QueryProductsArgs['search'], categories: readonly Category[]): SearchFilter {
  const { text, category, minPrice, maxPrice, options, inStock } = input ?? {}
  return {
    text: text?.trim() ? text : null,
    categories: category ? withChildren(category, categories) : null,
    minPrice: minPrice ?? null,
    maxPrice: maxPrice ?? null,
    options: options ?? [],
    inStock: inStock ?? false,
  }
}

function withChildren(id: string, categories: readonly Category[]): string[] {
  const below = categories.filter(({ parentId }) => parentId === id)
  return [id, ...below.flatMap((child) => withChildren(child.id, categories))]
}

function hitOf(cursor: string | null | undefined): Hit | null {
  const parts = decodeCursor(cursor, 2)
  if (!parts) return null
  const [sortKey, id] = parts
  if (typeof sortKey !== 'number' || typeof id !== 'string')
    throw badUserInput('The argument "after" is not a cursor of this list.')
  return { sortKey, id }
}
