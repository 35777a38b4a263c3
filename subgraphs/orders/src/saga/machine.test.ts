import { describe, expect, it } from 'vitest'
import { begin, isMoving, next, outgoing, type SagaEvent, type SagaState } from './machine.ts'

const at = '2026-01-01T00:00:00.000Z'
const placed = begin(at)

/** Plays events from a fresh order; answers with where it stands and all that was sent. */
function play(...events: (SagaEvent | SagaEvent['type'])[]) {
  let state: SagaState = placed
  const sent: string[] = []
  for (const event of events) {
    const transition = next(state, typeof event === 'string' ? { type: event } : event, at)
    state = transition.state
    sent.push(...transition.send)
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
    expect(next(state, { type: 'warehouse-allocated' }, at)).toEqual({ state, send: ['order-confirmed'] })
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
    expect(next(state, { type: 'warehouse-released' }, at)).toEqual({ state, send: ['payment-close'] })
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
})

describe('every state and every event', () => {
  const types: SagaEvent['type'][] = [
    'stock-reserved',
    'stock-rejected',
    'stock-released',
    'payment-initiated',
    'payment-succeeded',
    'payment-failed',
    'payment-refunded',
    'payment-closed',
    'warehouse-allocated',
    'warehouse-rejected',
    'warehouse-released',
    'cancel-requested',
    'deadline-passed',
    'sweep',
  ]
  const keyOf = (state: SagaState) =>
    JSON.stringify([state.status, state.undoing, state.steps.map(({ status }) => status)])

  it('keeps to the rules in every state that can be reached', () => {
    const reached = new Map([[keyOf(placed), placed]])
    for (const state of reached.values())
      for (const type of types) {
        const { state: after } = next(state, { type }, at)
        if (type !== 'sweep') reached.set(keyOf(after), reached.get(keyOf(after)) ?? after)
        if (state.status === 'CANCELLED') expect(after).toBe(state)
        if (state.status === 'CANCELLING') expect(['CANCELLING', 'CANCELLED']).toContain(after.status)
        if (after.status === 'CONFIRMED')
          expect(after.steps.every((step) => step.status === 'DONE')).toBe(true)
        if (after.status === 'CANCELLED')
          expect(after.steps.some((step) => ['DONE', 'RUNNING', 'PENDING'].includes(step.status))).toBe(false)
        if (isMoving(after)) expect(outgoing(after)).toHaveLength(1)
      }
    expect(reached.size).toBeGreaterThan(15)
  })
})
