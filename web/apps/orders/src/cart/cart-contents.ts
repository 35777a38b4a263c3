import type { CartSkuQuery } from '../generated/documents.ts'
import type { CartLine } from './cart-lines.ts'

export type CartSku = NonNullable<CartSkuQuery['sku']>

/** A line with what the graph says of its SKU: undefined while asking, null when there is no such SKU. */
export interface CartEntry extends CartLine {
  readonly sku: CartSku | null | undefined
}

/** Why a line cannot be ordered as it is, or null. `unknown` while the graph is being asked. */
export type LineProblem = 'gone' | 'soldOut' | 'short' | 'unknown'

export function problemOfLine({ sku, quantity }: CartEntry): LineProblem | null {
  if (sku === undefined) return 'unknown'
  if (sku === null || sku.archived) return 'gone'
  if (sku.stock.available <= 0) return 'soldOut'
  return sku.stock.available < quantity ? 'short' : null
}

/** What the lines cost together, in the currency of the first; lines without a price count nothing. */
export function totalOf(entries: readonly CartEntry[]): { amount: number; currency: string } {
  const amount = entries.reduce((sum, { sku, quantity }) => sum + (sku?.price.amount ?? 0) * quantity, 0)
  return { amount, currency: entries.find(({ sku }) => sku)?.sku?.price.currency ?? 'CNY' }
}
