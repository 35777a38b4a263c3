import { randomUUID } from 'node:crypto'
import type { OrderContent } from '../domain/order.ts'

/** An order of two mugs and a lamp, ¥60 together. */
export function orderContent(changes: Pick<OrderContent, 'id'> & Partial<OrderContent>): OrderContent {
  const line = { options: [], unitPrice: 2_000 }
  const placedAt = changes.placedAt ?? new Date('2026-01-01T00:00:00.000Z')
  return {
    customerId: 'shopper',
    idempotencyKey: randomUUID(),
    inputHash: 'hash',
    lines: [
      { ...line, skuId: 'mug-white', productId: 'mug', skuCode: 'MUG-W', name: 'Mug', quantity: 2 },
      { ...line, skuId: 'lamp', productId: 'lamp', skuCode: 'LAMP', name: 'Lamp', quantity: 1 },
    ],
    total: 6_000,
    currency: 'CNY',
    shippingAddress: {
      recipient: 'Lin',
      phone: '13800000000',
      region: 'Shanghai',
      city: 'Shanghai',
      line1: 'Huaihai Road 1',
      line2: null,
      postalCode: null,
    },
    paymentMethod: 'SANDBOX',
    correlationId: randomUUID(),
    placedAt,
    deadlineAt: new Date(placedAt.getTime() + 600_000),
    ...changes,
  }
}
