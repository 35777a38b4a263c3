import type { SkuResolvers, StockChangeResolvers } from '../generated/graphql.ts'
import { currencyOf } from './Product.ts'

export const Sku: SkuResolvers = {
  __resolveReference: ({ id }, { loaders }) => loaders.sku.load(id),
  product: async ({ id, productId }, _args, { loaders }) => {
    const product = await loaders.product.load(productId)
    if (!product) throw new Error(`SKU ${id} is of the unknown product ${productId}`)
    return product
  },
  options: ({ options }) => options as { name: string; value: string }[],
  price: ({ price, currency }) => ({ amount: Number(price), currency: currencyOf(currency) }),
  stock: async ({ id }, _args, { loaders }) =>
    (await loaders.stock.load(id)) ?? { available: 0, reserved: 0, sold: 0, version: 0 },
}

export const StockChange: StockChangeResolvers = {
  sku: async ({ skuId }, _args, { loaders }) => {
    const sku = await loaders.sku.load(skuId)
    if (!sku) throw new Error(`The stock of the unknown SKU ${skuId} changed`)
    return sku
  },
  timestamp: ({ at }) => at,
}
