import type { StockShortageResolvers } from '../generated/graphql.ts'

export const StockShortage: StockShortageResolvers = {
  sku: ({ skuId }, _args, { loaders }) => loaders.sku.load(skuId),
}
