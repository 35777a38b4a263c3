import { describe, expect, it } from 'vitest'
import { next } from './machine.ts'
import { begin, isMoving, type SagaEvent, type SagaState } from './state.ts'

const at = '2026-01-01T00:00:00.000Z'
const confirmed = play(begin(at, { total: 3_000, lines: [{ skuId: 'mug', quantity: 3 }] }), {
  type: 'warehouse-allocated',
}).state
const ship: SagaEvent = { type: 'ship-requested', trackingNumber: 'SF1' }
const shipped = play(confirmed, ship).state
const refund = (refundId: string, amount: number, reason = 'late'): SagaEvent => ({
  type: 'refund-requested',
  refundId,
  amount,
  reason,
})
const goods = (returnId: string, quantity: number): SagaEvent => ({
  type: 'return-received',
  returnId,
  warehouseId: 'wh',
  lines: [{ skuId: 'mug', quantity }],
})

function play(state: SagaState, ...events: SagaEvent[]) {
  const sent: string[] = []
  for (const event of events) {
    const transition = next(state, event, at)
    state = transition.state
    sent.push(...transition.send.map(({ type }) => type))
  }
  return { state, sent }
}

describe('a shipment', () => {
  it('is told until the broker has acknowledged it, then the order rests', () => {
    expect(shipped.status).toBe('SHIPPED')
    expect(play(shipped, { type: 'sweep' }).sent).toEqual(['order-shipped'])
    const { state } = play(shipped, { type: 'told', milestones: shipped.untold })
    expect(isMoving(state)).toBe(false)
  })

  it('is of confirmed orders only, once, and ends the time to cancel', () => {
    const placed = begin(at, confirmed)
    expect(play(placed, ship).state).toBe(placed)
    expect(play(shipped, ship, { type: 'cancel-requested' }).state).toBe(shipped)
  })

  it('arrives', () => {
    expect(play(shipped, { type: 'delivery-reported' })).toMatchObject({
      state: { status: 'DELIVERED' },
      sent: ['order-delivered'],
    })
    expect(play(confirmed, { type: 'delivery-reported' }).state).toBe(confirmed)
  })
})

describe('a refund', () => {
  it('in part leaves the order as it is', () => {
    const { state, sent } = play(shipped, refund('a', 1_000), { type: 'payment-refunded', refundId: 'a' })
    expect(state).toMatchObject({ status: 'SHIPPED', refunds: [{ id: 'a', status: 'DONE' }] })
    expect(sent).toEqual(['payment-refund', 'order-refunded'])
  })

  it('of all that is left ends a shipped order REFUNDED', () => {
    const { state } = play(
      shipped,
      refund('a', 1_000),
      refund('b', 2_000),
      { type: 'payment-refunded', refundId: 'b' },
      { type: 'payment-refunded', refundId: 'a' },
    )
    expect(state.status).toBe('REFUNDED')
  })

  it('of everything before shipping undoes the whole order', () => {
    const { state, sent } = play(
      confirmed,
      refund('a', 3_000),
      { type: 'warehouse-released' },
      { type: 'payment-refunded' },
      { type: 'stock-released' },
    )
    expect(sent).toEqual(['warehouse-release', 'payment-refund', 'stock-release', 'order-refunded'])
    expect(state).toMatchObject({ status: 'REFUNDED', refunds: [{ status: 'DONE' }] })
  })

  it('is never more than was paid, whatever is asked at once', () => {
    const { state } = play(shipped, refund('a', 2_000), refund('b', 1_001))
    expect(state.refunds.map(({ id }) => id)).toEqual(['a'])
  })

  it('comes once for an id, and not before the order is confirmed', () => {
    const once = play(shipped, refund('a', 1_000)).state
    expect(play(once, refund('a', 1_000)).state).toBe(once)
    expect(play(once, refund('a', 2_000)).state).toBe(once)
    const placed = begin(at, confirmed)
    expect(play(placed, refund('a', 1_000)).state).toBe(placed)
  })

  it('is asked for again until it is answered, and says why it did not work', () => {
    const { state, sent } = play(
      shipped,
      refund('a', 1_000),
      { type: 'payment-refund-failed', refundId: 'a', reason: 'The bank is closed.' },
      { type: 'sweep' },
    )
    expect(state.refunds[0]).toMatchObject({ status: 'REQUESTED', attempts: 2, error: 'The bank is closed.' })
    expect(sent.filter((type) => type === 'payment-refund')).toHaveLength(2)
  })

  it('that is open when the order is cancelled is part of what is given back', () => {
    const { state } = play(
      confirmed,
      refund('a', 1_000),
      { type: 'cancel-requested' },
      { type: 'warehouse-released' },
      { type: 'payment-refunded' },
      { type: 'stock-released' },
    )
    expect(state).toMatchObject({ status: 'CANCELLED', refunds: [{ status: 'DONE' }] })
    expect(isMoving({ ...state, untold: [] })).toBe(false)
  })
})

describe('goods that come back', () => {
  it('are told to those who count them', () => {
    const { state, sent } = play(shipped, goods('x', 2))
    expect(state.returns).toMatchObject([{ id: 'x', lines: [{ skuId: 'mug', quantity: 2 }] }])
    expect(sent).toEqual(['order-returned'])
  })

  it('are never more than were shipped', () => {
    const { state } = play(shipped, goods('x', 2), goods('y', 2), goods('x', 2))
    expect(state.returns.map(({ id }) => id)).toEqual(['x'])
  })

  it('cannot come from an order that has not been shipped', () => {
    expect(play(confirmed, goods('x', 1)).state).toBe(confirmed)
  })
})
