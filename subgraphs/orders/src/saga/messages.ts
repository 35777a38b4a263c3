import { createMessage, type Cause, type Message } from '@mall/contracts'
import type { OrderContent } from '../domain/order.ts'
import type { Outgoing, ReturnedLine } from './state.ts'

/** The message by which the saga manager says or asks something about an order. */
export function messageOf(
  outgoing: Outgoing,
  order: OrderContent,
  reason: string | null,
  cause?: Cause,
): Message {
  const story = cause ? { cause } : { correlationId: order.correlationId }
  const orderId = String(order.id)
  const { customerId } = order
  const asked = { orderId, reason: (reason ?? '').slice(0, 500) }
  switch (outgoing.type) {
    case 'order-placed':
      return createMessage(outgoing.type, orderPlaced(order), story)
    case 'order-confirmed':
      return createMessage(outgoing.type, { orderId, customerId, lines: linesOf(order) }, story)
    case 'order-cancelled':
      return createMessage(outgoing.type, { ...asked, customerId }, story)
    case 'stock-release':
    case 'payment-close':
    case 'warehouse-release':
      return createMessage(outgoing.type, asked, story)
    case 'payment-refund': {
      const { refund } = outgoing
      const one = refund && { refundId: refund.id, amount: refund.amount, reason: refund.reason }
      return createMessage(outgoing.type, { ...asked, ...one }, story)
    }
    case 'order-refunded': {
      const { refund, isFull } = outgoing
      const { id: refundId, amount } = refund
      const { currency } = order
      return createMessage(outgoing.type, { orderId, customerId, refundId, amount, currency, isFull }, story)
    }
    case 'order-shipped': {
      const { trackingNumber } = outgoing
      return createMessage(outgoing.type, { orderId, customerId, trackingNumber }, story)
    }
    case 'order-delivered':
      return createMessage(outgoing.type, { orderId, customerId }, story)
    case 'order-returned': {
      const { id: returnId, warehouseId } = outgoing
      const lines = linesOf(order, outgoing.lines)
      return createMessage(outgoing.type, { orderId, customerId, returnId, warehouseId, lines }, story)
    }
  }
}

function orderPlaced(order: OrderContent) {
  const { customerId, paymentMethod: method, total: amount, currency, shippingAddress } = order
  return {
    orderId: String(order.id),
    customerId,
    lines: linesOf(order),
    payment: { method, amount, currency },
    destination: { region: shippingAddress.region, city: shippingAddress.city },
  }
}

/** The lines of an order, or only those units of them that came back. */
function linesOf({ lines }: OrderContent, returned?: readonly ReturnedLine[]) {
  return lines.flatMap(({ skuId, productId, quantity: bought }) => {
    const quantity = returned ? returned.find((line) => line.skuId === skuId)?.quantity : bought
    return quantity === undefined ? [] : [{ skuId, productId, quantity }]
  })
}
