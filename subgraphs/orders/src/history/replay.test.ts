import { describe, expect, it } from 'vitest'
import { next } from '../saga/machine.ts'
import { begin, type SagaEvent, type SagaState } from '../saga/state.ts'
import { replay, withDeliveryOf } from './replay.ts'
import { dataOf, eventOf, schemaVersion, type StoredEvent } from './stored-event.ts'

const at = '2026-01-01T00:00:00.000Z'
const content = { total: 3_000, lines: [{ skuId: 'mug', quantity: 3 }] }
const stored = (event: SagaEvent, version: number): StoredEvent => ({
  version,
  type: event.type,
  at,
  data: dataOf(event) ?? null,
  schemaVersion,
})
const historyOf = (...events: SagaEvent[]) =>
  [{ type: 'order-placed' } as const, ...events].map((event, index) => stored(event, index + 1))
const after = (...events: SagaEvent[]) =>
  events.reduce<SagaState>((state, event) => next(state, event, at).state, begin(at, content))

describe('a stored event', () => {
  it.each<SagaEvent>([
    { type: 'stock-reserved' },
    { type: 'payment-failed', reason: 'No cover.' },
    { type: 'payment-refunded', refundId: 'r1' },
    { type: 'cancel-requested', reason: 'Changed my mind.' },
    { type: 'refund-requested', refundId: 'r1', amount: 1_000, reason: 'late' },
    { type: 'ship-requested', trackingNumber: 'SF1' },
    { type: 'delivery-reported' },
    { type: 'return-received', returnId: 'b1', warehouseId: 'wh', lines: [{ skuId: 'mug', quantity: 2 }] },
  ])('is $type again when it is read', (event) => {
    expect(eventOf(stored(event, 2))).toEqual(event)
  })

  it('keeps nothing when it says no more than its type', () => {
    expect(dataOf({ type: 'stock-reserved' })).toBeUndefined()
    expect(dataOf({ type: 'cancel-requested', reason: undefined })).toBeUndefined()
  })

  it('of another form, or of a type that nobody knows, is refused', () => {
    const event = stored({ type: 'stock-reserved' }, 2)
    expect(() => eventOf({ ...event, schemaVersion: 0 })).toThrow('form 0')
    expect(() => eventOf({ ...event, type: 'unheard-of' })).toThrow('cannot be read')
    expect(() => eventOf({ ...event, type: 'refund-requested', data: { amount: 'all' } })).toThrow()
  })
})

describe('a replay', () => {
  const ship: SagaEvent = { type: 'ship-requested', trackingNumber: 'SF1' }

  it('ends where the order did', () => {
    const events: SagaEvent[] = [{ type: 'warehouse-allocated' }, ship, { type: 'delivery-reported' }]
    expect(replay(content, historyOf(...events))).toEqual(after(...events))
  })

  it('refuses a history without its beginning, or with an event that changes nothing', () => {
    expect(() => replay(content, historyOf(ship).slice(1))).toThrow('order-placed')
    expect(() => replay(content, [])).toThrow('order-placed')
    expect(() => replay(content, historyOf({ type: 'delivery-reported' }))).toThrow(
      'version 2 changes nothing',
    )
  })

  it('takes from the row how often was asked and what is still to be told', () => {
    const row = after({ type: 'warehouse-allocated' }, ship, { type: 'delivery-reported' })
    const delivered: SagaState = {
      ...row,
      steps: row.steps.map((step) => ({ ...step, attempts: 4 })),
      untold: row.untold.slice(1),
    }
    const replayed = replay(
      content,
      historyOf({ type: 'warehouse-allocated' }, ship, { type: 'delivery-reported' }),
    )
    expect(withDeliveryOf(delivered, replayed)).toEqual(delivered)
  })

  it('begins anew with what the row has lost of that', () => {
    const replayed = replay(content, historyOf({ type: 'warehouse-allocated' }, ship))
    expect(withDeliveryOf({}, replayed)).toEqual(replayed)
  })
})
