import type { ProductSearchInput, ProductSort } from '../generated/documents.ts'

/** A search as the address bar has it. Prices in minor units. */
export interface SearchFilters {
  readonly text: string
  readonly category: string | null
  readonly minPrice: number | null
  readonly maxPrice: number | null
  readonly options: readonly { readonly name: string; readonly value: string }[]
  readonly inStock: boolean
  readonly sort: ProductSort
}

/** A query as vue-router reads and writes it. */
type Query = Record<string, string | null | undefined | (string | null)[]>

export const sorts = [
  'RELEVANCE',
  'BEST_SELLING',
  'NEWEST',
  'PRICE_ASC',
  'PRICE_DESC',
] as const satisfies readonly ProductSort[]

/** Reads `?q=…&category=…&price=0-9999&o=colour:red&o=size:M&stock=1&sort=NEWEST`. What makes no sense is left out. */
export function parseFilters(query: Query): SearchFilters {
  const [minPrice, maxPrice] = parsePrice(one(query.price))
  return {
    text: one(query.q).slice(0, 200),
    category: one(query.category) || null,
    minPrice,
    maxPrice,
    options: all(query.o).flatMap(parseOption),
    inStock: one(query.stock) === '1',
    sort: sorts.find((sort) => sort === one(query.sort)) ?? 'RELEVANCE',
  }
}

/** The other way round; what is not set is not in the address. */
export function toQuery(filters: SearchFilters): Query {
  const { text, category, minPrice, maxPrice, options, inStock, sort } = filters
  return {
    ...(text && { q: text }),
    ...(category && { category }),
    ...((minPrice !== null || maxPrice !== null) && { price: `${minPrice ?? ''}-${maxPrice ?? ''}` }),
    ...(options.length > 0 && { o: options.map(({ name, value }) => `${name}:${value}`) }),
    ...(inStock && { stock: '1' }),
    ...(sort !== 'RELEVANCE' && { sort }),
  }
}

export function toInput({
  text,
  category,
  minPrice,
  maxPrice,
  options,
  inStock,
  sort,
}: SearchFilters): ProductSearchInput {
  return {
    sort,
    ...(text && { text }),
    ...(category && { category }),
    ...(minPrice !== null && { minPrice }),
    ...(maxPrice !== null && { maxPrice }),
    ...(options.length > 0 && { options: options.map(({ name, value }) => ({ name, value })) }),
    ...(inStock && { inStock }),
  }
}

/** Whether a value of a facet is chosen. Facets are `category`, `price`, `inStock`, or the name of an option. */
export function isChosen(filters: SearchFilters, facet: string, value: string): boolean {
  if (facet === 'category') return filters.category === value
  if (facet === 'inStock') return filters.inStock && value === 'true'
  if (facet === 'price') {
    const [min, max] = parsePrice(value)
    return filters.minPrice === min && filters.maxPrice === max && (min !== null || max !== null)
  }
  return filters.options.some((option) => option.name === facet && option.value === value)
}

/** The search after clicking on a value of a facet: chosen, or no longer. Options may have several values: any will do. */
export function toggle(filters: SearchFilters, facet: string, value: string): SearchFilters {
  const on = !isChosen(filters, facet, value)
  if (facet === 'category') return { ...filters, category: on ? value : null }
  if (facet === 'inStock') return { ...filters, inStock: on && value === 'true' }
  if (facet === 'price') {
    const [minPrice, maxPrice] = on ? parsePrice(value) : [null, null]
    return { ...filters, minPrice, maxPrice }
  }
  const others = filters.options.filter(({ name, value: other }) => name !== facet || other !== value)
  return { ...filters, options: on ? [...others, { name: facet, value }] : others }
}

/** What is narrowed, as facet and value. */
export function chosenFacets(filters: SearchFilters): { facet: string; value: string }[] {
  const { category, minPrice, maxPrice, options, inStock } = filters
  return [
    ...(category ? [{ facet: 'category', value: category }] : []),
    ...(minPrice !== null || maxPrice !== null
      ? [{ facet: 'price', value: `${minPrice ?? ''}-${maxPrice ?? ''}` }]
      : []),
    ...(inStock ? [{ facet: 'inStock', value: 'true' }] : []),
    ...options.map(({ name, value }) => ({ facet: name, value })),
  ]
}

/** A price band `min-max` in minor units; either end may be open. */
export function parsePrice(value: string): [min: number | null, max: number | null] {
  const ends = /^(\d{0,15})-(\d{0,15})$/.exec(value)
  const end = (text: string | undefined) => (text ? Number(text) : null)
  return ends ? [end(ends[1]), end(ends[2])] : [null, null]
}

function parseOption(text: string): { name: string; value: string }[] {
  const [name, ...value] = text.split(':')
  return name && value.length > 0 ? [{ name, value: value.join(':') }] : []
}

function one(value: Query[string]): string {
  return all(value)[0] ?? ''
}

function all(value: Query[string]): string[] {
  return (Array.isArray(value) ? value : [value]).filter((text) => typeof text === 'string')
}
