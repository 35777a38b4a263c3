import { describe, expect, it } from 'vitest'
import { mallState } from '@mall/testing'
import { clientOf, createSku, followOrder, place } from '../shop.ts'

describe('two instances each of products, orders and router', () => {
  it('are one mall: what changes through one router is seen live through the other', async () => {
    expect(Object.keys(mallState().pids)).toEqual(
      expect.arrayContaining(['products-2', 'orders-2', 'router-2']),
    )
    const staff = await clientOf('staff@mall.test', 0)
    const shopper = await clientOf('shopper@mall.test', 0)
    const watcher = await clientOf('shopper@mall.test', 1)
    const skuId = await createSku(staff, { stock: 20 })
    const changes = watcher.subscribe<{ stockChanged: { available: number } }>(
      'subscription ($ids: [ID!]!) { stockChanged(skuIds: $ids) { available } }',
      { ids: [skuId] },
    )
    expect((await changes.next()).value?.stockChanged.available).toBe(20)

    // Several, so that both instances of products and orders have a part in it.
    const placed = await Promise.all(Array.from({ length: 6 }, () => place(shopper, skuId)))
    const ends = await Promise.all(placed.map(({ id }) => followOrder(watcher, id ?? '')))
    expect(ends.map((seen) => seen.at(-1)?.status)).toEqual(Array(6).fill('CONFIRMED'))
    for await (const { stockChanged } of changes) if (stockChanged.available === 14) break
    await Promise.all([staff, shopper, watcher].map((client) => client.close()))
  })
})
