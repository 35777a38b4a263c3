import { eventually, mallState, type MallClient } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkConsistency } from '../consistency.ts'
import { clientOf, createSku, place, routerUrl, seeOrder } from '../shop.ts'

interface Trade {
  outTradeNo: string
  status: string
  refunds: { outRequestNo: string; amount: string }[]
}

let shopper: MallClient
let staff: MallClient
let skuId: string

beforeAll(async () => {
  staff = await clientOf('staff@mall.test')
  shopper = await clientOf('shopper1@mall.test')
  skuId = await createSku(staff, { stock: 100 })
})
afterAll(async () => {
  await shopper.close()
  await staff.close()
})

/** Orders one, to be paid by Alipay, and waits for the link. */
async function order(): Promise<{ id: string; page: string }> {
  const { id = '' } = await place(shopper, skuId, { method: 'ALIPAY' })
  const url = await eventually('there is a link to pay', async () => {
    const { order } = await shopper.query<{ order: { payment: { redirectUrl: string | null } | null } }>(
      'query ($id: ID!) { order(id: $id) { payment { redirectUrl } } }',
      { id },
    )
    return order.payment?.redirectUrl
  })
  return { id, page: await (await fetch(url)).text() }
}

async function pay(page: string): Promise<string | null> {
  const [, tradeNo = ''] = /name="trade_no" value="(\d+)"/.exec(page) ?? []
  const answer = await fetch(`${mallState().sandboxes.alipay}/sandbox/pay`, {
    method: 'POST',
    body: new URLSearchParams({ trade_no: tradeNo, decision: 'pay' }),
    redirect: 'manual',
  })
  return answer.headers.get('location')
}

async function cancel(id: string): Promise<void> {
  const { cancelOrder } = await shopper.query<{ cancelOrder: { __typename: string } }>(
    'mutation ($id: ID!) { cancelOrder(id: $id) { __typename } }',
    { id },
  )
  expect(cancelOrder.__typename).toBe('Order')
}

const becomes = (id: string, status: string) =>
  eventually(`order ${id} is ${status}`, async () => {
    const seen = await seeOrder(shopper, id)
    return seen.status === status && seen
  })

async function tradeOf(id: string): Promise<Trade | undefined> {
  const trades = (await (await fetch(`${mallState().sandboxes.alipay}/sandbox/trades`)).json()) as Trade[]
  return trades.find(({ outTradeNo }) => outTradeNo === id)
}

describe('an order paid by Alipay', () => {
  it('waits for the shopper, and is confirmed once Alipay has told that it is paid', async () => {
    const { id, page } = await order()
    expect(await becomes(id, 'AWAITING_PAYMENT')).toMatchObject({ payment: { status: 'INITIATED' } })
    expect(await pay(page)).toContain(`/orders/${id}?`)
    expect(await becomes(id, 'CONFIRMED')).toMatchObject({ payment: { status: 'SUCCEEDED' } })
  })

  it('is closed at Alipay when it is cancelled before it is paid', async () => {
    const { id } = await order()
    await cancel(id)
    expect(await becomes(id, 'CANCELLED')).toMatchObject({ payment: { status: 'CLOSED' } })
    expect(await tradeOf(id)).toMatchObject({ status: 'TRADE_CLOSED', refunds: [] })
  })

  it('is refunded at Alipay when it is cancelled afterwards', async () => {
    const { id, page } = await order()
    await pay(page)
    await becomes(id, 'CONFIRMED')
    await cancel(id)
    expect(await becomes(id, 'CANCELLED')).toMatchObject({ payment: { status: 'REFUNDED' } })
    expect(await tradeOf(id)).toMatchObject({ refunds: [{ outRequestNo: 'undo', amount: '19.90' }] })
  })

  it('is not moved by a notify that somebody else wrote', async () => {
    const { id } = await order()
    const forged = { out_trade_no: id, trade_status: 'TRADE_SUCCESS', sign_type: 'RSA2', sign: 'AAAA' }
    const answer = await fetch(`${routerUrl()}/payments/alipay/notify`, {
      method: 'POST',
      body: new URLSearchParams(forged),
    })
    expect([answer.status, await answer.text()]).toEqual([400, 'fail'])
    expect(await seeOrder(shopper, id)).toMatchObject({ status: 'AWAITING_PAYMENT' })
    await cancel(id)
    await becomes(id, 'CANCELLED')
  })

  it('leaves everything adding up', () => {
    checkConsistency()
  })
})
