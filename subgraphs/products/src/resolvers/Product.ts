import type {
  CategoryResolvers,
  ImageResolvers,
  ProductResolvers,
  ProductSearchResolvers,
} from '../generated/graphql.ts'

export const Product: ProductResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.product.load(id),
  category: async ({ categoryId, id }, _args, { loaders }) => {
    const category = (await loaders.categories()).find((one) => one.id === categoryId)
    if (!category) throw new Error(`Product ${id} is in the unknown category ${categoryId}`)
    return category
  },
  images: ({ id }, _args, { loaders }) => loaders.imagesOf.load(id),
  skus: async ({ id }, _args, { loaders }) =>
    (await loaders.skusOf.load(id)).filter(({ archived }) => !archived),
  priceFrom: async ({ id, priceFrom }, _args, { loaders }) => {
    const [first] = await loaders.skusOf.load(id)
    return { amount: Number(priceFrom ?? first?.price ?? 0), currency: currencyOf(first?.currency) }
  },
}

export const Category: CategoryResolvers = {
  parent: async ({ parentId }, _args, { loaders }) =>
    (await loaders.categories()).find(({ id }) => id === parentId) ?? null,
  children: async ({ id }, _args, { loaders }) =>
    (await loaders.categories()).filter(({ parentId }) => parentId === id),
}

export const Image: ImageResolvers = {
  // Drawn pictures scale by themselves, so every width has the same address.
  url: ({ hash }, _args, { mediaBaseUrl }) => `${mediaBaseUrl}/media/${hash}.svg`,
}

export const ProductSearch: ProductSearchResolvers = {
  totalCount: (page) => page.count(),
  facets: (page) => page.countFacets(),
}

/** The column holds only what the graph's enum allows. */
export function currencyOf(code: string | undefined): 'CNY' | 'USD' | 'EUR' {
  return code === 'USD' || code === 'EUR' ? code : 'CNY'
}
