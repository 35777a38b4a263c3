import { unauthenticated } from '@mall/service/errors'
import { orderNotCancellable, orderNotFound } from '../domain/errors.ts'
import type { Placement } from '../domain/placement.ts'
import type { MutationResolvers, PlaceOrderInput } from '../generated/graphql.ts'
import { isCancellable } from '../saga/state.ts'
import { markDelivered, receiveReturn, refundOrder, shipOrder } from './after-sale.ts'
import { move } from './move.ts'
import { findVisibleOrderNow } from './visible-order.ts'

export const Mutation: MutationResolvers = {
  shipOrder,
  markDelivered,
  refundOrder,
  receiveReturn,

  placeOrder: (_parent, { input }, { viewer, placeOrder }) => {
    if (!viewer) throw unauthenticated()
    return placeOrder(viewer.id, placementOf(input))
  },

  cancelOrder: async (_parent, { id, reason }, context) => {
    const order = await findVisibleOrderNow(id, context)
    if (!order || !mayCancel(order.customerId, context.viewer)) return orderNotFound()
    if (!isCancellable(order.status)) return orderNotCancellable(order.status)
    const event = {
      type: 'cancel-requested',
      reason: (reason ?? 'The customer cancelled.').slice(0, 200),
    } as const
    const now = await move(order, event, context)
    // A repeat finds it under way. Otherwise an order that stands as before was shipped between our look and our request.
    return now.status !== order.status || now.status === 'CANCELLING' ? now : orderNotCancellable(now.status)
  },
}

function mayCancel(customerId: string, viewer: { id: string; scopes: readonly string[] } | null): boolean {
  return viewer !== null && (viewer.id === customerId || viewer.scopes.includes('orders:write'))
}

function placementOf(input: PlaceOrderInput): Placement {
  const { lines, shippingAddress, paymentMethod, flashSaleId, admissionToken, idempotencyKey } = input
  return {
    lines: lines.map(({ skuId, quantity }) => ({ skuId, quantity })),
    shippingAddress: {
      ...shippingAddress,
      line2: shippingAddress.line2 ?? null,
      postalCode: shippingAddress.postalCode ?? null,
    },
    paymentMethod,
    flashSaleId: flashSaleId ?? null,
    admissionToken: admissionToken ?? null,
    idempotencyKey,
  }
}
