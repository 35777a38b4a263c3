import type { StockShortageResolvers } from '../generated/graphql.ts'

export const StockShortage: StockShortageResolvers = {
  sku: ({ skuId }) => ({ id: skuId }),
}
