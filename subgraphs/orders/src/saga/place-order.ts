import type { EventType } from '@mall/contracts'
import type { OrderStatus } from '../domain/order.ts'

/** The steps of the saga, as the graph names them. */
export type StepName = 'RESERVE_STOCK' | 'INITIATE_PAYMENT' | 'ALLOCATE_WAREHOUSE'

/** One step of the tale: the events that end it, what undoes it, and how the order stands once it is done. */
export interface StepPlan {
  step: StepName
  done: EventType
  failed: EventType
  /** The step is given up, and the order with it, when it takes longer. */
  withinMs: number
  undo: 'stock-release' | 'payment-refund' | 'warehouse-release'
  undone: readonly EventType[]
  reaches: OrderStatus
}

const minute = 60_000

/**
 * The life of an order: its stock is held, then it is paid, then goods are set aside, and it is confirmed.
 * Each participant listens to the one before it. When one refuses, the time is up or the customer cancels,
 * what was done is undone from the last step to the first. All steps together take less than a reservation lasts.
 */
export const placeOrder: readonly StepPlan[] = [
  {
    step: 'RESERVE_STOCK',
    done: 'stock-reserved',
    failed: 'stock-rejected',
    withinMs: 1 * minute,
    undo: 'stock-release',
    undone: ['stock-released'],
    reaches: 'STOCK_RESERVED',
  },
  {
    step: 'INITIATE_PAYMENT',
    done: 'payment-succeeded',
    failed: 'payment-failed',
    withinMs: 10 * minute,
    undo: 'payment-refund', // payment-close while unpaid
    undone: ['payment-refunded', 'payment-closed'],
    reaches: 'PAID',
  },
  {
    step: 'ALLOCATE_WAREHOUSE',
    done: 'warehouse-allocated',
    failed: 'warehouse-rejected',
    withinMs: 2 * minute,
    undo: 'warehouse-release',
    undone: ['warehouse-released'],
    reaches: 'CONFIRMED',
  },
]
