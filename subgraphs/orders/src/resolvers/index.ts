import { scalars } from '@mall/service/scalars'
import type { Resolvers } from '../generated/graphql.ts'
import { Mutation } from './Mutation.ts'
import { Order, OrderEvent, OrderLine } from './Order.ts'
import { Product } from './Product.ts'
import { Query } from './Query.ts'
import { StockShortage } from './StockShortage.ts'
import { Subscription } from './Subscription.ts'
import { User } from './User.ts'

/** A union's member is an order, or says itself by `__typename` which error it is. */
const resultType = {
  __resolveType: (result: object) => ('__typename' in result ? String(result.__typename) : 'Order'),
}

/** All resolvers of the orders subgraph. */
export const resolvers = {
  ...scalars,
  Query,
  Mutation,
  Subscription,
  Order,
  OrderEvent,
  OrderLine,
  Product,
  StockShortage,
  User,
  PlaceOrderResult: resultType,
  CancelOrderResult: resultType,
  RefundOrderResult: resultType,
  ShipOrderResult: resultType,
  MarkDeliveredResult: resultType,
  ReceiveReturnResult: resultType,
  UserError: resultType,
} as Resolvers
