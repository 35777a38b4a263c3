import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, mallState, type MallClient } from '@mall/testing'
import { checkConsistency } from '../consistency.ts'
import { clientOf, createSku, followOrder, place } from '../shop.ts'

interface Message {
  outId: string
  phone: string
  content: string
}

let staff: MallClient
let shopper: MallClient
let skuId: string
beforeAll(async () => {
  staff = await clientOf('staff@mall.test')
  shopper = await clientOf('shopper@mall.test')
  skuId = await createSku(staff, { stock: 100, price: 1_000 })
})
afterAll(async () => {
  checkConsistency()
  await Promise.all([staff, shopper].map((client) => client.close()))
})

/** What the recipient of an order was told, the first message first. */
async function toldOf(id: string): Promise<Message[]> {
  const messages = (await (await fetch(`${mallState().sandboxes.sms}/messages`)).json()) as Message[]
  return messages.filter(({ outId }) => outId.split(':')[1] === id).toReversed()
}

const told = (id: string, count: number) =>
  eventually(`${count} messages about order ${id}`, async () => {
    const messages = await toldOf(id)
    return messages.length >= count && messages
  })

describe('the recipient of an order', () => {
  it('is told once, in Chinese, that it is confirmed', async () => {
    const { id = '' } = await place(shopper, skuId)
    expect((await followOrder(shopper, id)).at(-1)?.status).toBe('CONFIRMED')
    expect(await told(id, 1)).toMatchObject([
      { phone: '13800138000', content: `您的订单${id}已确认，我们正在为您备货。` },
    ])
    // The story goes on, so that a second message about its beginning had its time to come.
    await staff.query(`mutation ($id: ID!) { shipOrder(id: $id, trackingNumber: "SF1001") { __typename } }`, {
      id,
    })
    expect((await told(id, 2)).map(({ content }) => content)).toEqual([
      `您的订单${id}已确认，我们正在为您备货。`,
      `您的订单${id}已发货，运单号SF1001。`,
    ])
  })

  it('is told once that it is cancelled', async () => {
    const { id = '' } = await place(shopper, skuId, { region: 'nowhere' })
    expect((await followOrder(shopper, id)).at(-1)?.status).toBe('CANCELLED')
    expect(await told(id, 1)).toMatchObject([{ content: `您的订单${id}已取消，已支付的款项将原路退回。` }])
  })

  it('is told of a cancellation after the confirmation', async () => {
    const { id = '' } = await place(shopper, skuId)
    await followOrder(shopper, id)
    await told(id, 1)
    await shopper.query('mutation ($id: ID!) { cancelOrder(id: $id) { __typename } }', { id })
    expect((await told(id, 2)).map(({ outId }) => outId)).toEqual([
      `order-confirmed:${id}`,
      `order-cancelled:${id}`,
    ])
  })
})
