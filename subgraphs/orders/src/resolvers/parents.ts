import type { OrderEvent } from '../generated/prisma/client.ts'
import type { CurrencyCode, OrderLine } from '../domain/order.ts'

/** A line with the currency of its order. */
export interface OrderLineParent extends OrderLine {
  currency: CurrencyCode
}

/** An event of the order's history as it is stored. */
export type OrderEventParent = OrderEvent
