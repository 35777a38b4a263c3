import { Prisma } from '../generated/prisma/client.ts'
import { termsOf } from './text.ts'

/** What to look for. Prices in minor units; `categories` are ids with all below them; null where anything goes. */
export interface SearchFilter {
  text: string | null
  categories: readonly string[] | null
  minPrice: number | null
  maxPrice: number | null
  options: readonly { name: string; value: string }[]
  inStock: boolean
}

/** How alike a word must be to count as a typing error of it, 0 to 1. */
const similarEnough = 0.42

/** Conditions on `product p` for a filter. */
export function productConditions({ text, categories }: SearchFilter): Prisma.Sql {
  const conditions = [Prisma.sql`true`]
  if (categories) conditions.push(Prisma.sql`p.category_id = any(${[...categories]}::text[])`)
  const { latin, cjk } = termsOf(text ?? '')
  for (const term of latin)
    conditions.push(
      Prisma.sql`(p.search_text like ${`%${term}%`} or word_similarity(${term}, p.search_text) >= ${similarEnough}::real)`,
    )
  for (const pair of cjk) conditions.push(Prisma.sql`p.search_text like ${`%${pair}%`}`)
  return Prisma.join(conditions, ' and ')
}

/** Conditions on `sku s` and its `stock k`: one variant must meet all of them. */
export function skuConditions({ minPrice, maxPrice, options, inStock }: SearchFilter): Prisma.Sql {
  const conditions = [Prisma.sql`not s.archived`]
  if (minPrice !== null) conditions.push(Prisma.sql`s.price >= ${minPrice}::bigint`)
  if (maxPrice !== null) conditions.push(Prisma.sql`s.price <= ${maxPrice}::bigint`)
  if (inStock) conditions.push(Prisma.sql`k.available > 0`)
  for (const [name, chosen] of Map.groupBy(options, (option) => option.name)) {
    const anyOf = chosen.map(
      ({ value }) => Prisma.sql`s.options @> ${JSON.stringify([{ name, value }])}::jsonb`,
    )
    conditions.push(Prisma.sql`(${Prisma.join(anyOf, ' or ')})`)
  }
  return Prisma.join(conditions, ' and ')
}

/** How well a product fits the text; the whole words of the name count most. */
export function relevance(text: string | null): Prisma.Sql {
  const { latin, cjk } = termsOf(text ?? '')
  const parts = [
    ...latin.map(
      (term) =>
        Prisma.sql`word_similarity(${term}, lower(p.name)) * 2 + word_similarity(${term}, p.search_text)`,
    ),
    ...cjk.map((pair) => Prisma.sql`case when p.name like ${`%${pair}%`} then 2 else 1 end`),
  ]
  return parts.length === 0 ? Prisma.sql`0` : Prisma.join(parts, ' + ')
}
