import { createHash } from 'node:crypto'
import type pg from 'pg'
import type { SkuKnowledge } from '../../../subgraphs/orders/src/domain/placement.ts'
import { begin, type SagaState } from '../../../subgraphs/orders/src/saga/state.ts'
import type { OrderContent } from '../../../subgraphs/orders/src/domain/order.ts'

/**
 * What the services of the synchronous chain do in their databases. Each step is one transaction, and leaves the same
 * rows behind as the saga does. Orders have one line here, so that a step can be a single statement.
 */
export interface Steps {
  /** Reads what is known of an article. */
  knowSku(skuId: string): Promise<SkuKnowledge>
  /** Writes the order and the first entry of its history. */
  place(order: OrderContent): Promise<void>
  /** Holds the units. Throws when there are too few. */
  reserve(order: Reserving): Promise<void>
  /** Takes the money. */
  pay(order: Paying): Promise<void>
  /** Sets the goods aside. Throws when there are too few. */
  allocate(order: Allocating): Promise<void>
  /** Writes that all is done, the rest of the history, the notice for the customer, and the sale. */
  confirm(order: OrderContent): Promise<void>
  /** Makes held units sold. */
  sell(order: Reserving): Promise<void>
}

/** Makes the steps on a pool of connections; each service uses those of its own tables. */
export type CreateSteps = (pool: pg.Pool) => Steps

export interface Reserving {
  orderId: string
  skuId: string
  productId: string
  quantity: number
}

export interface Paying extends Reserving {
  amount: number
  currency: string
  region: string
  city: string
}

export interface Allocating extends Reserving {
  warehouseId: string
}

/** A statement that is prepared once per connection. */
export const prepared = (name: string, text: string) => (values: unknown[]) => ({ name, text, values })

export const knowSkuStatement = prepared(
  'know-sku',
  `select id, product_id as "productId", code, name, options, price, currency, archived from sku_snapshot where id = $1`,
)

export function knowledgeOf(row: SkuKnowledge | undefined): SkuKnowledge {
  if (!row) throw new Error('This article is not known')
  return { ...row, price: Number(row.price), available: null }
}

export const insertOrder = `insert into "order" (id, customer_id, idempotency_key, input_hash, status, lines, total, currency,
  shipping_address, payment_method, saga, version, correlation_id, placed_at, updated_at, deadline_at)
  values ($1, $2, $3, $4, 'PLACED', $5, $6, $7, $8, $9, $10, 1, $11, $12, $12, $13)`

export const valuesOf = (order: OrderContent) => [
  order.id,
  order.customerId,
  order.idempotencyKey,
  order.inputHash,
  JSON.stringify(order.lines),
  order.total,
  order.currency,
  JSON.stringify(order.shippingAddress),
  order.paymentMethod,
  JSON.stringify(storedSaga(begin(order.placedAt.toISOString(), order))),
  order.correlationId,
  order.placedAt,
  order.deadlineAt,
]

/** The saga of an order whose steps are all done, as it stands in its column. */
export function doneSaga(order: OrderContent, at: string): string {
  const saga = begin(order.placedAt.toISOString(), order)
  const steps = saga.steps.map((step) => ({
    ...step,
    status: 'DONE' as const,
    startedAt: step.startedAt ?? at,
    finishedAt: at,
    attempts: 1,
  }))
  return JSON.stringify(storedSaga({ ...saga, steps }))
}

function storedSaga({ steps, undoing, endsAs, refunds, returns, untold }: SagaState) {
  return { steps, undoing, endsAs, refunds, returns, untold }
}

/** The history of an order after it was placed; these events say nothing beyond their type. */
export const history = ['stock-reserved', 'payment-succeeded', 'warehouse-allocated'] as const

export const reservedLines = ({ skuId, productId, quantity }: Reserving) =>
  JSON.stringify([{ skuId, productId, quantity }])

export const contextOf = ({ skuId, productId, quantity, region, city }: Paying) =>
  JSON.stringify({ lines: [{ skuId, productId, quantity }], destination: { region, city } })

export const allocationsOf = ({ warehouseId, skuId, quantity }: Allocating) =>
  JSON.stringify([{ warehouseId, lines: [{ skuId, quantity }] }])

export const expiry = () => new Date(Date.now() + 15 * 60_000)

export const hashOf = (value: unknown) =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url')
