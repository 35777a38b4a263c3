import type { StockState } from '../domain/reserve.ts'

/** What watchers of a SKU are told. */
export interface StockNotice extends StockState {
  /** RFC 3339. */
  at: string
}

/** The channel on which a SKU's watchers listen. */
export const stockChannel = (skuId: string) => `stock-changed:${skuId}`

/** Checks what came over Redis. Throws a TypeError. */
export function parseNotice(payload: unknown): StockNotice {
  if (!isNotice(payload)) throw new TypeError('This is not a notice of stock')
  return payload
}

function isNotice(value: unknown): value is StockNotice {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return (
    ['available', 'reserved', 'sold', 'version'].every((name) => typeof fields.get(name) === 'number') &&
    ['skuId', 'at'].every((name) => typeof fields.get(name) === 'string')
  )
}
