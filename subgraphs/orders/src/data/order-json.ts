import type { OrderRecord } from './order-rows.ts'

/** Grows when an order's text comes to look different; a text of another form is as good as none. */
const form = 1

/** An order as text, for the cache. What JSON has no word for (the id, times) is written as strings. */
export const encodeOrder = (order: OrderRecord): string =>
  JSON.stringify([form, { ...order, id: String(order.id) }])

/** The order that was written; null when the text is of another form or none at all. */
export function decodeOrder(text: string): OrderRecord | null {
  try {
    const [written, order] = JSON.parse(text) as [number, Written]
    return written === form ? { ...order, id: BigInt(order.id), ...datesOf(order) } : null
  } catch {
    return null
  }
}

type Dates = 'placedAt' | 'deadlineAt' | 'updatedAt'
type Written = Omit<OrderRecord, 'id' | Dates> & Record<'id' | Dates, string>

const datesOf = ({ placedAt, deadlineAt, updatedAt }: Written) => ({
  placedAt: new Date(placedAt),
  deadlineAt: new Date(deadlineAt),
  updatedAt: new Date(updatedAt),
})
