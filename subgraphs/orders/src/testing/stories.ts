import type { EventType } from '@mall/contracts'
import type { SagaEvent } from '../saga/state.ts'

type Plain = EventType | 'deadline-passed' | 'sweep'

/** What happens to an order after it was placed. */
export interface Story {
  name: string
  events: readonly SagaEvent[]
}

const refund = (refundId: string, amount: number): SagaEvent => ({
  type: 'refund-requested',
  refundId,
  amount,
  reason: 'It came late.',
})
const refunded = (refundId: string): SagaEvent => ({ type: 'payment-refunded', refundId })
const notRefunded = (refundId?: string): SagaEvent => ({
  type: 'payment-refund-failed',
  reason: 'The bank is closed.',
  ...(refundId !== undefined && { refundId }),
})
const back = (returnId: string, skuId: string, quantity: number): SagaEvent => ({
  type: 'return-received',
  returnId,
  warehouseId: 'wh-east',
  lines: [{ skuId, quantity }],
})
const cancel: SagaEvent = { type: 'cancel-requested', reason: 'Changed my mind.' }
const delivered: SagaEvent = { type: 'delivery-reported' }
const ship: SagaEvent = { type: 'ship-requested', trackingNumber: 'SF1000' }
const story = (name: string, ...events: (Plain | SagaEvent)[]): Story => ({
  name,
  events: events.map((event) => (typeof event === 'string' ? { type: event } : event)),
})
const confirmed = ['stock-reserved', 'payment-succeeded', 'warehouse-allocated'] as const
const undone = ['warehouse-released', 'payment-refunded', 'stock-released'] as const
const undoneUnpaid = ['warehouse-released', 'payment-closed', 'stock-released'] as const

/** Every way an order of `orderContent` can go, and every place in which it can stand still. */
export const stories: readonly Story[] = [
  story('placed'),
  story('placed-and-swept', 'sweep', 'sweep'),
  story('stock-reserved', 'stock-reserved'),
  story('awaiting-payment', 'stock-reserved', 'payment-initiated'),
  story('paid', 'stock-reserved', 'payment-initiated', 'payment-succeeded'),
  story('confirmed', ...confirmed),
  story('confirmed-after-redirect', 'stock-reserved', 'payment-initiated', 'sweep', ...confirmed.slice(1)),
  story('confirmed-by-the-last-answer-alone', 'warehouse-allocated', 'payment-succeeded', 'stock-reserved'),
  story(
    'confirmed-though-the-second-answer-came-first',
    'payment-succeeded',
    'stock-reserved',
    'warehouse-allocated',
  ),

  story('stock-refused', { type: 'stock-rejected', reason: 'Not enough units.' }),
  story(
    'payment-refused-undoing',
    'stock-reserved',
    { type: 'payment-failed', reason: 'No cover.' },
    'sweep',
  ),
  story(
    'payment-refused',
    'stock-reserved',
    { type: 'payment-failed', reason: 'No cover.' },
    'stock-released',
  ),
  story('warehouse-refused-undoing', ...confirmed.slice(0, 2), {
    type: 'warehouse-rejected',
    reason: 'Nowhere.',
  }),
  story(
    'warehouse-refused',
    ...confirmed.slice(0, 2),
    { type: 'warehouse-rejected', reason: 'Nowhere.' },
    ...undone.slice(1),
  ),

  story('cancelled-when-placed', cancel, ...undoneUnpaid),
  story('cancelled-when-reserved', 'stock-reserved', cancel, ...undoneUnpaid),
  story('cancelled-while-awaiting-payment', 'stock-reserved', 'payment-initiated', cancel, ...undoneUnpaid),
  story('cancelled-when-paid', ...confirmed.slice(0, 2), cancel, ...undone),
  story('cancelled-when-confirmed', ...confirmed, cancel, ...undone),
  story('cancelling-goods', ...confirmed, cancel),
  story('cancelling-payment', ...confirmed, cancel, 'warehouse-released', 'sweep'),
  story('cancelling-stock', ...confirmed, cancel, ...undone.slice(0, 2)),
  story(
    'cancelling-payment-in-vain',
    ...confirmed,
    cancel,
    'warehouse-released',
    ...Array<Plain>(6).fill('sweep'),
  ),
  story(
    'cancelled-after-a-refund-that-failed-first',
    ...confirmed,
    cancel,
    'warehouse-released',
    notRefunded(),
    'sweep',
    ...undone.slice(1),
  ),
  story('given-up-in-time', 'stock-reserved', 'payment-initiated', 'deadline-passed', ...undoneUnpaid),
  story(
    'reservation-expired',
    'stock-reserved',
    { type: 'stock-released', reason: 'EXPIRED' },
    ...undoneUnpaid,
  ),
  story(
    'reservation-expired-when-confirmed',
    ...confirmed,
    { type: 'stock-released', reason: 'EXPIRED' },
    ...undone,
  ),

  story('shipped', ...confirmed, ship),
  story('delivered', ...confirmed, ship, delivered),
  story('returned-in-part', ...confirmed, ship, back('b1', 'mug-white', 1)),
  story('returned', ...confirmed, ship, delivered, back('b1', 'mug-white', 2), back('b2', 'lamp', 1)),

  story('refund-asked-for', ...confirmed, ship, refund('r1', 1_000), 'sweep'),
  story('refund-failed', ...confirmed, ship, refund('r1', 1_000), notRefunded('r1')),
  story('refunded-in-part', ...confirmed, ship, refund('r1', 1_000), notRefunded('r1'), refunded('r1')),
  story(
    'refunded-in-parts-until-nothing-is-left',
    ...confirmed,
    ship,
    refund('r1', 1_000),
    refund('r2', 5_000),
    refunded('r2'),
    refunded('r1'),
    back('b1', 'lamp', 1),
  ),
  story('refunding-before-shipping', ...confirmed, refund('r1', 6_000), 'warehouse-released'),
  story('refunded-before-shipping', ...confirmed, refund('r1', 6_000), ...undone),
  story('cancelled-with-an-open-refund', ...confirmed, refund('r1', 1_000), cancel, ...undone),
]
