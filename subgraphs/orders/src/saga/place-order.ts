import type { EventType } from '@mall/contracts'
import type { OrderStatus } from '../domain/order.ts'

/** The steps of the saga, as the graph names them. */
export type StepName = 'RESERVE_STOCK' | 'INITIATE_PAYMENT' | 'ALLOCATE_WAREHOUSE'

/** One step of the tale: the events that end it, what undoes it, and how the order stands once it is done. */
export interface StepPlan {
  step: StepName
  done: EventType
  failed: EventType
  undo: EventType
  undone: readonly EventType[]
  reaches: OrderStatus
}

/**
 * The life of an order: its stock is held, then it is paid, then goods are set aside, and it is confirmed.
 * Each participant listens to the one before it. When one refuses, the time is up or the customer cancels,
 * what was done is undone from the last step to the first.
 */
export const placeOrder: readonly StepPlan[] = [
  {
    step: 'RESERVE_STOCK',
    done: 'stock-reserved',
    failed: 'stock-rejected',
    undo: 'stock-release',
    undone: ['stock-released'],
    reaches: 'STOCK_RESERVED',
  },
  {
    step: 'INITIATE_PAYMENT',
    done: 'payment-succeeded',
    failed: 'payment-failed',
    undo: 'payment-refund', // payment-close while unpaid
    undone: ['payment-refunded', 'payment-closed'],
    reaches: 'PAID',
  },
  {
    step: 'ALLOCATE_WAREHOUSE',
    done: 'warehouse-allocated',
    failed: 'warehouse-rejected',
    undo: 'warehouse-release',
    undone: ['warehouse-released'],
    reaches: 'CONFIRMED',
  },
]
