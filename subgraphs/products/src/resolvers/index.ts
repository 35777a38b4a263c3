import { scalars } from '@mall/service/scalars'
import type { Resolvers } from '../generated/graphql.ts'
import { Mutation } from './Mutation.ts'
import { Category, Image, Product, ProductSearch } from './Product.ts'
import { Query } from './Query.ts'
import { Sku, StockChange } from './Sku.ts'
import { StockShortage } from './StockShortage.ts'
import { Subscription } from './Subscription.ts'

/** A union's member says itself by `__typename` which error it is; otherwise it is the thing asked for. */
const resultOf = (success: string) => ({
  __resolveType: (result: object) => ('__typename' in result ? String(result.__typename) : success),
})

/** All resolvers of the products subgraph. */
export const resolvers = {
  ...scalars,
  Query,
  Mutation,
  Subscription,
  Product,
  ProductSearch,
  Category,
  Image,
  Sku,
  StockChange,
  StockShortage,
  AdjustStockResult: resultOf('Sku'),
  CreateProductResult: resultOf('Product'),
  UpdateProductResult: resultOf('Product'),
  UserError: resultOf('NotFoundError'),
} as Resolvers
