import { describe, expect, it } from 'vitest'
import { isOverdue, next } from './machine.ts'
import { begin, isMoving, isSold, needsAttention, type SagaEvent, type SagaState } from './state.ts'

const at = '2026-01-01T00:00:00.000Z'
const placed = begin(at, { total: 3_000, lines: [{ skuId: 'mug', quantity: 3 }] })

type Plain = Exclude<Extract<SagaEvent, { reason?: string }>['type'], 'refund-requested'>

/** Plays events from a fresh order; answers with where it stands and the types of all that was sent. */
function play(...events: (SagaEvent | Plain)[]) {
  let state: SagaState = placed
  const sent: string[] = []
  for (const event of events) {
    const transition = next(state, typeof event === 'object' ? event : { type: event }, at)
    state = transition.state
    sent.push(...transition.send.map(({ type }) => type))
  }
  return { state, sent, steps: state.steps.map(({ status }) => status) }
}

describe('an order that goes well', () => {
  it('is confirmed after stock, payment and warehouse', () => {
    const { state, steps, sent } = play('stock-reserved', 'payment-succeeded', 'warehouse-allocated')
    expect(state.status).toBe('CONFIRMED')
    expect(steps).toEqual(['DONE', 'DONE', 'DONE'])
    expect(sent).toEqual(['order-confirmed'])
  })

  it('waits for the customer when the payment is a redirect', () => {
    expect(play('stock-reserved', 'payment-initiated')).toMatchObject({
      state: { status: 'AWAITING_PAYMENT' },
      steps: ['DONE', 'RUNNING', 'PENDING'],
    })
  })

  it('accepts answers that overtake one another', () => {
    const { state, steps } = play(
      'warehouse-allocated',
      'stock-reserved',
      'payment-initiated',
      'payment-succeeded',
    )
    expect(state.status).toBe('CONFIRMED')
    expect(steps).toEqual(['DONE', 'DONE', 'DONE'])
  })

  it('does nothing new when an answer comes twice', () => {
    const once = play('stock-reserved')
    expect(next(once.state, { type: 'stock-reserved' }, at)).toEqual({ state: once.state, send: [] })
  })

  it('says again that it is confirmed when its last cause is delivered again', () => {
    const { state } = play('stock-reserved', 'payment-succeeded', 'warehouse-allocated')
    expect(next(state, { type: 'warehouse-allocated' }, at)).toEqual({
      state,
      send: [{ type: 'order-confirmed' }],
    })
  })
})

describe('a step that fails', () => {
  it('ends the order at once when there is no stock', () => {
    const { state, steps, sent } = play({ type: 'stock-rejected', reason: 'Only 1 left.' })
    expect(state).toMatchObject({ status: 'CANCELLED', cancelReason: 'Only 1 left.' })
    expect(steps).toEqual(['FAILED', 'SKIPPED', 'SKIPPED'])
    expect(sent).toEqual(['order-cancelled'])
  })

  it('releases the stock when the card is refused', () => {
    const failed = play('stock-reserved', { type: 'payment-failed', reason: 'No.' })
    expect(failed).toMatchObject({ state: { status: 'CANCELLING' }, sent: ['stock-release'] })
    const { state, steps } = play('stock-reserved', 'payment-failed', 'stock-released')
    expect(state.status).toBe('CANCELLED')
    expect(steps).toEqual(['COMPENSATED', 'FAILED', 'SKIPPED'])
  })

  it('refunds, then releases the stock, when no warehouse delivers', () => {
    const { state, steps, sent } = play(
      'stock-reserved',
      'payment-succeeded',
      'warehouse-rejected',
      'payment-refunded',
      'stock-released',
    )
    expect(state.status).toBe('CANCELLED')
    expect(steps).toEqual(['COMPENSATED', 'COMPENSATED', 'FAILED'])
    expect(sent).toEqual(['payment-refund', 'stock-release', 'order-cancelled'])
  })
})

describe('a cancellation', () => {
  const undoing = ['warehouse-released', 'payment-closed', 'stock-released'] as const

  it('undoes every step in reverse, even those not known to have begun', () => {
    const { state, sent, steps } = play('stock-reserved', 'cancel-requested', ...undoing)
    expect(state.status).toBe('CANCELLED')
    expect(sent).toEqual(['warehouse-release', 'payment-close', 'stock-release', 'order-cancelled'])
    expect(steps).toEqual(['COMPENSATED', 'COMPENSATED', 'SKIPPED'])
  })

  it('refunds what is known to be paid', () => {
    const { sent } = play('stock-reserved', 'payment-succeeded', 'cancel-requested', 'warehouse-released')
    expect(sent).toEqual(['warehouse-release', 'payment-refund'])
  })

  it('undoes a confirmed order', () => {
    const { state } = play(
      'warehouse-allocated',
      'cancel-requested',
      'warehouse-released',
      'payment-refunded',
      'stock-released',
    )
    expect(state.status).toBe('CANCELLED')
  })

  it('ignores what succeeds after it', () => {
    const { state } = play('cancel-requested', 'stock-reserved', 'payment-succeeded', 'warehouse-allocated')
    expect(state).toMatchObject({ status: 'CANCELLING', undoing: 2 })
  })

  it('begins by itself when the time is over or the reservation has expired', () => {
    expect(play('deadline-passed').state.status).toBe('CANCELLING')
    expect(play('stock-reserved', 'stock-released').state.status).toBe('CANCELLING')
  })

  it('leaves an ended order alone', () => {
    const { state } = play('stock-rejected')
    expect(next(state, { type: 'cancel-requested' }, at)).toEqual({ state, send: [] })
  })

  it('sends the next undo again when an answer is delivered again', () => {
    const { state } = play('cancel-requested', 'warehouse-released')
    expect(next(state, { type: 'warehouse-released' }, at)).toEqual({
      state,
      send: [{ type: 'payment-close' }],
    })
  })
})

describe('the sweeper', () => {
  it('sends what drives a stuck order on, and counts the attempt', () => {
    const { state, sent } = play('stock-reserved', 'sweep')
    expect(sent).toEqual(['order-placed'])
    expect(state.steps[1]).toMatchObject({ status: 'RUNNING', attempts: 2 })
  })

  it('sends the open undo of an order that is being cancelled', () => {
    expect(play('cancel-requested', 'warehouse-released', 'sweep').sent.at(-1)).toBe('payment-close')
  })

  it('leaves ended orders alone', () => {
    expect(play('stock-rejected', 'sweep').sent).toEqual(['order-cancelled'])
  })

  it('finds a step that takes longer than the tale allows, however long the one before took', () => {
    const { state } = play('stock-reserved')
    const after = (minutes: number) => new Date(Date.parse(at) + minutes * 60_000)
    expect([isOverdue(placed, after(0.9)), isOverdue(placed, after(1))]).toEqual([false, true])
    expect([isOverdue(state, after(9)), isOverdue(state, after(10))]).toEqual([false, true])
    expect(isOverdue(play('cancel-requested').state, after(99))).toBe(false)
  })

  it('calls for attention when an undo has been asked for in vain for long, and goes on asking', () => {
    const tries = Array.from({ length: 5 }, () => 'sweep' as const)
    const { state } = play('cancel-requested', ...tries.slice(1))
    expect(needsAttention(state)).toBe(false)
    const stuck = play('cancel-requested', ...tries)
    expect(needsAttention(stuck.state)).toBe(true)
    expect(stuck.sent).toEqual(Array(6).fill('warehouse-release'))
    expect(needsAttention(next(stuck.state, { type: 'warehouse-released' }, at).state)).toBe(false)
  })
})

describe('every state and every event', () => {
  const events: SagaEvent[] = [
    { type: 'stock-reserved' },
    { type: 'stock-rejected' },
    { type: 'stock-released' },
    { type: 'payment-initiated' },
    { type: 'payment-succeeded' },
    { type: 'payment-failed' },
    { type: 'payment-refunded' },
    { type: 'payment-refunded', refundId: 'r1' },
    { type: 'payment-refund-failed' },
    { type: 'payment-refund-failed', refundId: 'r1' },
    { type: 'payment-closed' },
    { type: 'warehouse-allocated' },
    { type: 'warehouse-rejected' },
    { type: 'warehouse-released' },
    { type: 'cancel-requested' },
    { type: 'deadline-passed' },
    { type: 'sweep' },
    { type: 'refund-requested', refundId: 'r1', amount: 1_000, reason: 'late' },
    { type: 'refund-requested', refundId: 'r2', amount: 2_000, reason: 'broken' },
    { type: 'refund-requested', refundId: 'r3', amount: 3_000, reason: 'all of it' },
    { type: 'ship-requested', trackingNumber: 'SF1' },
    { type: 'delivery-reported' },
    { type: 'return-received', returnId: 'b1', warehouseId: 'wh', lines: [{ skuId: 'mug', quantity: 2 }] },
    { type: 'return-received', returnId: 'b2', warehouseId: 'wh', lines: [{ skuId: 'mug', quantity: 2 }] },
    { type: 'told', milestones: [{ type: 'order-shipped', trackingNumber: 'SF1' }] },
  ]
  const keyOf = ({ status, undoing, endsAs, steps, refunds, returns, untold }: SagaState) =>
    JSON.stringify([
      [status, undoing, endsAs, steps.map((step) => step.status)],
      [refunds.map(({ id, status }) => [id, status]), returns.length, untold.map(({ type }) => type)],
    ])
  const ended = ['CANCELLED', 'REFUNDED']

  it('keeps to the rules in every state that can be reached', () => {
    const reached = new Map([[keyOf(placed), placed]])
    for (const state of reached.values())
      for (const event of events) {
        const { state: after } = next(state, event, at)
        if (event.type !== 'sweep') reached.set(keyOf(after), reached.get(keyOf(after)) ?? after)
        if (state.status === 'CANCELLED') expect(after).toBe(state)
        if (state.status === 'CANCELLING') expect(['CANCELLING', ...ended]).toContain(after.status)
        if (state.status === 'SHIPPED' || state.status === 'DELIVERED') expect(after.undoing).toBeNull()
        if (['CONFIRMED', 'SHIPPED', 'DELIVERED'].includes(after.status)) expect(isSold(after)).toBe(true)
        if (ended.includes(after.status) && !isSold(after))
          expect(after.steps.some((step) => ['DONE', 'RUNNING', 'PENDING'].includes(step.status))).toBe(false)
        expect(after.refunds.reduce((sum, { amount }) => sum + amount, 0)).toBeLessThanOrEqual(3_000)
        expect(after.returns.length).toBeLessThanOrEqual(1)
        if (isMoving(after)) expect(next(after, { type: 'sweep' }, at).send).not.toHaveLength(0)
        else expect(next(after, { type: 'sweep' }, at).send).toHaveLength(0)
        // What comes twice changes nothing the second time, save what only counts tries.
        if (event.type !== 'sweep') expect(next(after, event, at).state).toEqual(after)
      }
    expect(reached.size).toBeGreaterThan(100)
  })

  it('ends every order that is asked on, by its answers alone', () => {
    const answers: Record<string, Plain> = {
      'stock-release': 'stock-released',
      'payment-close': 'payment-closed',
      'payment-refund': 'payment-refunded',
      'warehouse-release': 'warehouse-released',
    }
    for (const begun of ['stock-reserved', 'payment-succeeded', 'warehouse-allocated'] as const) {
      let { state } = play(begun, 'cancel-requested')
      for (let i = 0; i < 3; i += 1) {
        const [command] = next(state, { type: 'sweep' }, at).send
        const type = answers[command?.type ?? '']
        if (type) state = next(state, { type }, at).state
      }
      expect(state.status).toBe('CANCELLED')
    }
  })
})
