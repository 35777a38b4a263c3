/** Something that does not add up: what should be equal, where, and the two values. */
export interface Fault {
  rule: string
  subject: string
  expected: string
  actual: string
}

/** What `--fix` can mend by itself, because the truth stands elsewhere or nothing is lost by it. */
export type Repair = 'live-stock' | 'stock-hint' | 'product-sales' | 'wake-order' | 'wake-payment'

/** Something that must hold, and what to do when it does not. */
export interface Rule {
  rule: string
  /** How it is mended; without one a person has to decide, and `advice` says where to look. */
  repair?: Repair
  advice?: string
}

/** A rule within one database: a statement that returns only what breaks it, as `subject`, `expected` and `actual`. */
export interface SqlRule extends Rule {
  sql: string
}

/** An order that was sold, in SQL: it ended REFUNDED either after that, or undone before it was shipped. */
export const isSold = `(o.status in ('CONFIRMED', 'SHIPPED', 'DELIVERED')
  or o.status = 'REFUNDED' and o.saga->'steps'->0->>'status' = 'DONE')`

/** An order that ended undone, in SQL. */
export const isUndone = `(o.status = 'CANCELLED'
  or o.status = 'REFUNDED' and o.saga->'steps'->0->>'status' <> 'DONE')`

/** An order that somebody must still drive on, in SQL. */
export const isMoving = `(o.status in ('PLACED', 'STOCK_RESERVED', 'AWAITING_PAYMENT', 'PAID', 'CANCELLING')
  or jsonb_array_length(coalesce(o.saga->'untold', '[]')) > 0
  or exists (select 1 from jsonb_array_elements(coalesce(o.saga->'refunds', '[]')) one where one->>'status' = 'REQUESTED'))`
