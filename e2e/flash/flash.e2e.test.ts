import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MallClient } from '@mall/testing'
import { checkConsistency } from '../consistency.ts'
import { clientOf, createSku, decided, place, shoppers, stockBecomes } from '../shop.ts'

let staff: MallClient
let buyers: MallClient[]
beforeAll(async () => {
  staff = await clientOf('staff@mall.test')
  // Half of them through each router, as behind a load balancer.
  buyers = await shoppers(25, (index) => index)
})
afterAll(() => Promise.all([staff, ...buyers].map((client) => client.close())))

describe('500 buyers at once for 100 units', () => {
  it('are exactly 100 confirmed orders, with nothing left and nothing held', async () => {
    const skuId = await createSku(staff, { stock: 100 })
    const answers = await Promise.all(
      Array.from({ length: 500 }, async (_, index) => {
        const buyer = buyers[index % buyers.length] ?? staff
        return { buyer, placed: await place(buyer, skuId) }
      }),
    )
    const accepted = answers.filter(({ placed }) => placed.__typename === 'Order')
    const refused = answers.filter(({ placed }) => placed.__typename !== 'Order')
    expect(refused.every(({ placed }) => placed.__typename === 'InsufficientStockError')).toBe(true)

    const orders = await Promise.all(
      buyers.map((buyer) =>
        decided(
          buyer,
          accepted.filter((one) => one.buyer === buyer).map(({ placed }) => placed.id ?? ''),
        ),
      ),
    )
    const confirmed = orders.flat().filter(({ status }) => status === 'CONFIRMED')
    expect(confirmed).toHaveLength(100)
    await stockBecomes(staff, skuId, { available: 0, reserved: 0, sold: 100 })
    checkConsistency()
  })
})
