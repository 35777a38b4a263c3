import { badUserInput } from '@mall/service/errors'
import type { SubscriptionResolvers } from '../generated/graphql.ts'
import type { StockNotice } from '../stock/notice.ts'

export const Subscription: SubscriptionResolvers = {
  stockChanged: {
    subscribe: async (_parent, { skuIds }, { watch, loaders }) => {
      const ids = [...new Set(skuIds)]
      if (ids.length === 0 || ids.length > 100) throw badUserInput('Watch 1 to 100 articles at once.')
      const found = await loaders.sku.loadMany(ids)
      const unknown = ids.filter((_, index) => !found[index] || found[index] instanceof Error)
      if (unknown.length > 0) throw badUserInput(`Unknown articles: ${unknown.join(', ')}.`)
      return watch.follow(ids)
    },
    resolve: (notice: StockNotice) => notice,
  },
}
