import { forbidden } from '@mall/service/errors'
import type { SubscriptionResolvers } from '../generated/graphql.ts'
import type { OrderRecord } from '../data/order-repository.ts'
import { findVisibleOrderNow } from './visible-order.ts'

export const Subscription: SubscriptionResolvers = {
  orderChanged: {
    subscribe: async (_parent, { id }, context) => {
      const order = await findVisibleOrderNow(id, context)
      if (!order) throw forbidden('This order is not yours to watch.')
      return context.watch.follow(order.id)
    },
    resolve: (order: OrderRecord) => order,
  },
}
