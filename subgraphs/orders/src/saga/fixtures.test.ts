import { describe, expect, it } from 'vitest'
import { replay, withDeliveryOf } from '../history/replay.ts'
import { fixtureNames, readFixture, statePart } from '../testing/fixtures.ts'
import { stories } from '../testing/stories.ts'
import { placeOrder } from './place-order.ts'

describe('recorded histories', () => {
  it.each(fixtureNames())('%s becomes today what it became then', (name) => {
    const { content, history, expected } = readFixture(name)
    const state = withDeliveryOf(expected, replay(content, history))
    expect(statePart(state)).toEqual(expected)
  })

  it('are there of every story, and of every event that the saga hears', () => {
    const recorded = fixtureNames()
    expect(stories.map(({ name }) => name).filter((name) => !recorded.includes(name))).toEqual([])
    const types = new Set(recorded.flatMap((name) => readFixture(name).history.map(({ type }) => type)))
    const heard = placeOrder.flatMap(({ done, failed, undone }) => [done, failed, ...undone])
    expect(heard.filter((type) => !types.has(type))).toEqual([])
  })

  it('stand in every status', () => {
    const statuses = new Set(fixtureNames().map((name) => readFixture(name).expected.status))
    expect([...statuses].sort()).toEqual([
      'AWAITING_PAYMENT',
      'CANCELLED',
      'CANCELLING',
      'CONFIRMED',
      'DELIVERED',
      'PAID',
      'PLACED',
      'REFUNDED',
      'SHIPPED',
      'STOCK_RESERVED',
    ])
  })
})
