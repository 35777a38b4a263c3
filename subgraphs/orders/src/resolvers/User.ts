import type { UserResolvers } from '../generated/graphql.ts'
import { loadPage } from './Query.ts'

export const User: UserResolvers = {
  orders: ({ id }, { first, after }, context) =>
    loadPage(context, { first, after, status: null, customerId: id }),
}
