import type { OrderContent, OrderLine, OrderStatus } from '../domain/order.ts'
import { Prisma, type Order } from '../generated/prisma/client.ts'
import { needsAttention, type SagaState } from '../saga/state.ts'

/** An order as it stands. `version` grows with every event. */
export interface OrderRecord extends OrderContent, SagaState {
  lines: OrderLine[]
  total: number
  version: number
  updatedAt: Date
}

export type OrderRow = Omit<Order, 'checkAt' | 'checks' | 'needsAttention'>

export const orderColumns = Prisma.sql`id, customer_id as "customerId", idempotency_key as "idempotencyKey",
  input_hash as "inputHash", status, lines, total, currency, shipping_address as "shippingAddress",
  payment_method as "paymentMethod", saga, cancel_reason as "cancelReason", version, correlation_id as "correlationId",
  placed_at as "placedAt", updated_at as "updatedAt", deadline_at as "deadlineAt"`

/** The columns of what was bought, as a new order's row has them. */
export function columnsOf(content: OrderContent) {
  return {
    id: String(content.id),
    customer_id: content.customerId,
    idempotency_key: content.idempotencyKey,
    input_hash: content.inputHash,
    lines: content.lines,
    total: content.total,
    currency: content.currency,
    shipping_address: content.shippingAddress,
    payment_method: content.paymentMethod,
    version: 1,
    correlation_id: content.correlationId,
    placed_at: content.placedAt,
    updated_at: content.placedAt,
    checks: 0,
    deadline_at: content.deadlineAt,
  }
}

/** What of the saga stands in its JSON column. */
type StoredSaga = Pick<SagaState, 'steps' | 'undoing' | 'endsAs' | 'refunds' | 'returns' | 'untold'>

/** The columns of how far the saga has come. */
export function sagaColumns(state: SagaState) {
  const { status, steps, undoing, endsAs, cancelReason, refunds, returns, untold } = state
  const saga: StoredSaga = { steps, undoing, endsAs, refunds, returns, untold }
  return { status, saga, cancel_reason: cancelReason, needs_attention: needsAttention(state) }
}

/** The columns hold what this module wrote, so their types are those that it wrote. */
export function recordOf(row: OrderRow): OrderRecord {
  const stored = row.saga as unknown as StoredSaga
  return {
    id: row.id,
    customerId: row.customerId,
    idempotencyKey: row.idempotencyKey,
    inputHash: row.inputHash,
    lines: row.lines as unknown as OrderRecord['lines'],
    total: Number(row.total),
    currency: row.currency as OrderRecord['currency'],
    shippingAddress: row.shippingAddress as unknown as OrderRecord['shippingAddress'],
    paymentMethod: row.paymentMethod as OrderRecord['paymentMethod'],
    status: row.status as OrderStatus,
    ...stored,
    cancelReason: row.cancelReason,
    version: row.version,
    correlationId: row.correlationId,
    placedAt: row.placedAt,
    updatedAt: row.updatedAt,
    deadlineAt: row.deadlineAt,
  }
}
