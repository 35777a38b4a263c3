import { buildConnection, decodeCursor, pageSize } from '@mall/service/connection'
import type { OrderRecord } from '../data/order-repository.ts'
import type { OrderStatus } from '../domain/order.ts'
import type { Context } from '../context.ts'
import type { QueryResolvers } from '../generated/graphql.ts'
import { findVisibleOrder } from './visible-order.ts'

export const Query: QueryResolvers = {
  order: (_parent, { id }, context) => findVisibleOrder(id, context),

  orders: (_parent, { first, after, status, customerId }, context) => {
    const { viewer } = context
    if (!viewer) return null
    const mayReadAll = viewer.scopes.includes('orders:read')
    if (customerId && customerId !== viewer.id && !mayReadAll) return emptyPage
    return loadPage(context, { first, after, status: status ?? null, customerId: customerId ?? viewer.id })
  },
}

/** A page of a customer's orders, newest first. */
export async function loadPage(
  { orders }: Context,
  request: {
    first?: number | null | undefined
    after?: string | null | undefined
    status: OrderStatus | null
    customerId: string
  },
) {
  const first = pageSize(request.first)
  const [before = null] = decodeCursor(request.after, 1) ?? []
  const rows = await orders.findPage({
    customerId: request.customerId,
    status: request.status,
    before: before === null ? null : BigInt(before),
    limit: first + 1,
  })
  return buildConnection({ rows, first, after: request.after, cursorOf: ({ id }) => [String(id)] })
}

const emptyPage = buildConnection<OrderRecord>({ rows: [], first: 1, cursorOf: ({ id }) => [String(id)] })
