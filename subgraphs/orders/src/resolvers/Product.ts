import type { ProductResolvers } from '../generated/graphql.ts'

export const Product: ProductResolvers = {
  soldCount: ({ id }, _args, { loaders }) => loaders.soldCount.load(id),
}
