import { createMessage, type Cause, type EventType, type Message } from '@mall/contracts'
import type { OrderContent } from '../domain/order.ts'

/** The message by which the saga manager says or asks something about an order. Throws for what others say. */
export function messageOf(
  type: EventType,
  order: OrderContent,
  reason: string | null,
  cause?: Cause,
): Message {
  const story = cause ? { cause } : { correlationId: order.correlationId }
  const orderId = String(order.id)
  const asked = { orderId, reason: (reason ?? '').slice(0, 500) }
  switch (type) {
    case 'order-placed':
      return createMessage(type, orderPlaced(order), story)
    case 'order-confirmed':
      return createMessage(type, { orderId, customerId: order.customerId, lines: linesOf(order) }, story)
    case 'order-cancelled':
      return createMessage(type, { ...asked, customerId: order.customerId }, story)
    case 'stock-release':
    case 'payment-refund':
    case 'payment-close':
    case 'warehouse-release':
      return createMessage(type, asked, story)
    default:
      throw new Error(`The saga manager does not send ${type}`)
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

const linesOf = ({ lines }: OrderContent) =>
  lines.map(({ skuId, productId, quantity }) => ({ skuId, productId, quantity }))
