import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, killProcess, type MallClient } from '@mall/testing'
import { checkConsistency } from '../consistency.ts'
import { clientOf, createSku, decided, place, shoppers, stockBecomes } from '../shop.ts'

let staff: MallClient
let buyers: MallClient[]
beforeAll(async () => {
  staff = await clientOf('staff@mall.test')
  buyers = await shoppers(10)
})
afterAll(() => Promise.all([staff, ...buyers].map((client) => client.close())))

describe.each(['orders', 'products', 'router'])('%s killed with -9 while 50 orders run', (name) => {
  it('loses no accepted order, oversells nothing and leaves nothing reserved', async () => {
    // The process that the story before killed may still be on its way back.
    const skuId = await eventually('the mall takes a new article', () => createSku(staff, { stock: 40 }))
    const running = Array.from({ length: 50 }, async (_, index) => {
      const buyer = buyers[index % buyers.length] ?? staff
      await sleep(index * 8)
      const key = `crash-${name}-${skuId}-${index}`
      // What a shopper does whose answer was lost: sends the same order again.
      const placed = await eventually('the order is answered', () => place(buyer, skuId, { key }), {
        timeoutMs: 30_000,
      })
      return { buyer, placed }
    })
    await sleep(200)
    killProcess(name)
    const answers = await Promise.all(running)
    const accepted = answers.filter(({ placed }) => placed.__typename === 'Order')
    const orders = (
      await Promise.all(accepted.map(({ buyer, placed }) => decided(buyer, [placed.id ?? ''], 60_000)))
    ).flat()
    const sold = orders.filter(({ status }) => status === 'CONFIRMED').length
    expect(sold).toBeLessThanOrEqual(40)
    expect(orders).toHaveLength(accepted.length)
    await stockBecomes(staff, skuId, { available: 40 - sold, reserved: 0, sold })
    checkConsistency()
  })
})
