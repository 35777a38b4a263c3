/** ISO 4217 codes that the mall trades in. */
export type CurrencyCode = 'CNY' | 'USD' | 'EUR'

/** A product to add. Prices in minor units. */
export interface NewProduct {
  slug: string
  name: string
  description: string
  categoryId: string
  skus: {
    code: string
    options: { name: string; value: string }[]
    price: number
    currency: CurrencyCode
    initialStock: number
  }[]
}

/** Changes to a product; what is absent stays. */
export interface ProductChanges {
  id: string
  fields: Partial<Pick<NewProduct, 'slug' | 'name' | 'description' | 'categoryId'>>
  skus: { id: string; price?: number; archived?: boolean }[]
}

/** Returned when an input field cannot be accepted; `field` is its path. */
export const invalidInput = (field: string, message: string) =>
  ({ __typename: 'InvalidInputError', field, message }) as const

/** Returned when the thing named by an id does not exist. */
export const notFound = (what: string) =>
  ({ __typename: 'NotFoundError', message: `There is no such ${what}.` }) as const

/** Returned when fewer units are free than were asked for. */
export const insufficientStock = (skuId: string, requested: number, available: number) =>
  ({
    __typename: 'InsufficientStockError',
    message: 'There are not enough units.',
    shortages: [{ skuId, requested, available }],
  }) as const

/** Returned when an idempotency key comes again with other input. */
export const idempotencyConflict = () =>
  ({
    __typename: 'IdempotencyConflictError',
    message: 'This idempotency key was used for something else. Use a new one.',
  }) as const

/** What is wrong with a new product by itself, or null. */
export function refuseProduct(product: NewProduct): ReturnType<typeof invalidInput> | null {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(product.slug) || product.slug.length > 100)
    return invalidInput('slug', 'Use lower-case letters, digits and single dashes, at most 100.')
  if (product.name.trim() === '' || product.name.length > 200)
    return invalidInput('name', 'A name has 1 to 200 characters.')
  if (product.skus.length === 0 || product.skus.length > 100)
    return invalidInput('skus', 'A product has 1 to 100 variants.')
  const codes = new Set<string>()
  for (const [index, sku] of product.skus.entries()) {
    if (!/^[\w-]{1,60}$/.test(sku.code))
      return invalidInput(`skus.${index}.code`, 'Use letters, digits and dashes, at most 60.')
    if (codes.has(sku.code.toLowerCase()))
      return invalidInput(`skus.${index}.code`, 'Each code can be used only once.')
    codes.add(sku.code.toLowerCase())
    if (sku.price < 0) return invalidInput(`skus.${index}.price`, 'A price is not negative.')
    if (sku.initialStock < 0 || sku.initialStock > 1_000_000)
      return invalidInput(`skus.${index}.initialStock`, 'Between 0 and 1,000,000 units.')
  }
  return null
}
