import { Prisma } from '../generated/prisma/client.ts'
import type { Database } from '../data/database.ts'
import { productConditions, skuConditions, type SearchFilter } from './filter.ts'

/** One way to narrow a search, and how many products each value would leave. */
export interface Facet {
  name: string
  values: { value: string; count: number }[]
}

/** Upper bounds of the price bands, minor units. */
const bands = [5_000, 10_000, 20_000, 50_000, 100_000] as const

/** Counts what would be left; a facet does not narrow itself, so that its other values can still be chosen. */
export async function loadFacets(db: Database, filter: SearchFilter): Promise<Facet[]> {
  const chosen = [...new Set(filter.options.map(({ name }) => name))]
  const [categories, prices, inStock, options, ...narrowed] = await Promise.all([
    count(db, { ...filter, categories: null }, Prisma.sql`p.category_id`),
    count(db, { ...filter, minPrice: null, maxPrice: null }, bandOf),
    count(
      db,
      { ...filter, inStock: false },
      Prisma.sql`case when k.available > 0 then 'true' else 'false' end`,
    ),
    countOptions(db, filter),
    ...chosen.map((name) =>
      countOptions(db, { ...filter, options: filter.options.filter((option) => option.name !== name) }),
    ),
  ])
  const optionFacets = options.filter(({ name }) => !chosen.includes(name))
  for (const [index, name] of chosen.entries())
    optionFacets.push(...(narrowed[index] ?? []).filter((facet) => facet.name === name))
  return [
    { name: 'category', values: categories },
    { name: 'price', values: prices },
    { name: 'inStock', values: inStock },
    ...optionFacets.toSorted((a, b) => a.name.localeCompare(b.name)),
  ]
}

const bandOf = Prisma.sql`case ${Prisma.join(
  bands.map(
    (upper, index) => Prisma.sql`when s.price < ${upper} then ${`${bands[index - 1] ?? 0}-${upper}`}`,
  ),
  ' ',
)} else ${`${bands.at(-1)}-`} end`

async function count(db: Database, filter: SearchFilter, value: Prisma.Sql): Promise<Facet['values']> {
  return db.$queryRaw`
    select value, count(distinct product_id)::int as count from (
      select ${value} as value, p.id as product_id ${from(filter)}
    ) found group by value order by count desc, value limit 50`
}

async function countOptions(db: Database, filter: SearchFilter): Promise<Facet[]> {
  const rows = await db.$queryRaw<{ name: string; value: string; count: number }[]>`
    select o.name, o.value, count(distinct p.id)::int as count
    ${from(filter, Prisma.sql`cross join lateral jsonb_to_recordset(s.options) as o(name text, value text)`)}
    group by 1, 2 order by 1, 3 desc, 2`
  return [...Map.groupBy(rows, ({ name }) => name)].map(([name, values]) => ({
    name,
    values: values.slice(0, 30).map(({ value, count: products }) => ({ value, count: products })),
  }))
}

const from = (filter: SearchFilter, more: Prisma.Sql = Prisma.empty) => Prisma.sql`
  from product p join sku s on s.product_id = p.id join stock k on k.sku_id = s.id ${more}
  where ${productConditions(filter)} and ${skuConditions(filter)}`
