import { randomUUID } from 'node:crypto'
import { eventually } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlaceOutcome } from '../../subgraphs/orders/src/saga/place.ts'
import { openFaultMall, type FaultMall } from './support/fault-mall.ts'

let mall: FaultMall
let another: Awaited<ReturnType<FaultMall['anotherInstance']>>
beforeAll(async () => {
  mall = await openFaultMall()
  another = await mall.anotherInstance()
}, 60_000)
afterAll(() => mall.close())

const idOf = (outcome: PlaceOutcome) => ('id' in outcome ? outcome.id : null)
const confirmed = (id: bigint) => mall.becomes(id, 'CONFIRMED')
const ordersOf = (customerId: string) => mall.ordersDb.order.count({ where: { customerId } })

describe('a key of an order', () => {
  it('makes one order and one charge, when it comes fifty times at once to two instances', async () => {
    const [customer, wish, calls] = [randomUUID(), mall.placementOf({}), mall.bank.calls()]
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? mall : another).placeOrder(customer, wish)),
    )
    const ids = new Set(answers.map(idOf))
    expect(ids.size).toBe(1)
    const [id = null] = ids
    await confirmed(id ?? 0n)
    await mall.atRest()
    expect(await ordersOf(customer)).toBe(1)
    expect(await mall.ordersDb.payment.count({ where: { orderId: id ?? 0n } })).toBe(1)
    expect(mall.bank.calls() - calls).toBe(1)
    expect(await mall.holdings(id ?? 0n)).toEqual({ held: 'COMMITTED SUCCEEDED ALLOCATED', balance: 1_990 })
  })

  it('answers with the same order after a crash between commit and answer', async () => {
    const [customer, wish] = [randomUUID(), mall.placementOf({})]
    // The process dies once the order is committed: its first message is never sent, and nobody gets the answer.
    const dead = mall.faults.provoke(customer, { on: 'publish', type: 'order-placed', does: 'lost' }, 1)
    const unheard = idOf(await mall.placeOrder(customer, wish))
    await eventually('its message is lost', async () => dead.hits() === 1)
    const restarted = await mall.anotherInstance()
    const id = idOf(await restarted.placeOrder(customer, wish))
    expect(id).toBe(unheard)
    await confirmed(id ?? 0n)
    expect(await ordersOf(customer)).toBe(1)
  })

  it('is a conflict with other input, whether the order is new or long confirmed', async () => {
    const [customer, key] = [randomUUID(), randomUUID()]
    const conflict = { __typename: 'IdempotencyConflictError' }
    const id = await mall.place(customer, { key })
    expect(await another.placeOrder(customer, mall.placementOf({ key, quantity: 2 }))).toMatchObject(conflict)
    await confirmed(id)
    expect(await mall.placeOrder(customer, mall.placementOf({ key, quantity: 2 }))).toMatchObject(conflict)
    expect(await ordersOf(customer)).toBe(1)
  })

  it('makes one order when it comes at once with different input: the others are conflicts', async () => {
    const [customer, key] = [randomUUID(), randomUUID()]
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? mall : another).placeOrder(customer, mall.placementOf({ key, quantity: 1 + (i % 4) })),
      ),
    )
    const ids = answers.map(idOf).filter((id) => id !== null)
    expect(new Set(ids).size).toBe(1)
    expect(ids).toHaveLength(5)
    await confirmed(ids[0] ?? 0n)
  })

  it('belongs to its customer: another one makes an order of her own with it', async () => {
    const key = randomUUID()
    const ids = await Promise.all([mall.place(randomUUID(), { key }), mall.place(randomUUID(), { key })])
    expect(new Set(ids).size).toBe(2)
  })

  it('is kept for as long as its order, which is for more than a day', async () => {
    const [customer, key] = [randomUUID(), randomUUID()]
    const id = await mall.place(customer, { key })
    await confirmed(id)
    for (const days of [1.1, 400]) {
      const at = new Date(Date.now() - days * 24 * 3_600_000)
      await mall.ordersDb.order.update({ where: { id }, data: { placedAt: at, updatedAt: at } })
      expect(idOf(await mall.placeOrder(customer, mall.placementOf({ key })))).toBe(id)
      expect(await mall.placeOrder(customer, mall.placementOf({ key, quantity: 3 }))).toMatchObject({
        __typename: 'IdempotencyConflictError',
      })
    }
    expect(await ordersOf(customer)).toBe(1)
  })
})
