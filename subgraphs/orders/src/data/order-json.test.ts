import { describe, expect, it } from 'vitest'
import { next } from '../saga/machine.ts'
import { begin, type SagaEvent } from '../saga/state.ts'
import { orderContent } from '../testing/order-content.ts'
import { stories } from '../testing/stories.ts'
import { decodeOrder, encodeOrder } from './order-json.ts'

const at = '2026-01-01T00:00:00.123Z'

describe('an order as text', () => {
  it.each(stories)('is the same order when it is read: $name', ({ events }) => {
    const content = orderContent({ id: 2n ** 63n - 1n, placedAt: new Date(at) })
    const state = events.reduce((state, event: SagaEvent) => next(state, event, at).state, begin(at, content))
    const order = { ...state, ...content, version: 7, updatedAt: new Date(at) }
    expect(decodeOrder(encodeOrder(order))).toStrictEqual(order)
  })

  it('is no order when it is of another form or damaged', () => {
    expect(decodeOrder('[0,{"id":"1"}]')).toBeNull()
    expect(decodeOrder('[1,{}]')).toBeNull()
    expect(decodeOrder('null')).toBeNull()
    expect(decodeOrder('{')).toBeNull()
  })
})
