import { eventually } from '@mall/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decide, openPaymentDesk, type PaymentDesk } from './testing/payment-desk.ts'

let desk: PaymentDesk
beforeAll(async () => {
  desk = await openPaymentDesk()
})
beforeEach(() => desk.calm())
afterAll(() => desk[Symbol.asyncDispose]())

const pay = async (id: bigint) => decide(desk.sandbox, await desk.open(id), 'pay')

describe('an order that is cancelled', () => {
  it('closes its unpaid payment at Alipay', async () => {
    const id = await desk.begin()
    await desk.open(id)
    await desk.close(id)
    expect(desk.trade(id)?.status).toBe('TRADE_CLOSED')
    expect(await desk.statusOf(id)).toBe('CLOSED')
    expect(desk.said(id)).toEqual(['payment-initiated', 'payment-closed'])
    await desk.reserve(id)
    expect(desk.said(id)).toHaveLength(2)
  })

  it('stays closed when the notify of its closing is faster than the answer', async () => {
    const id = await desk.begin()
    await desk.open(id)
    desk.sandbox.switches.gatewayDelayMs = 300
    await desk.close(id)
    expect(await desk.statusOf(id)).toBe('CLOSED')
    expect(desk.said(id).at(-1)).toBe('payment-closed')
  })

  it('gives the money back by itself when the notify comes late, also when the refund fails twice', async () => {
    const id = await desk.begin()
    const page = await desk.open(id)
    await desk.db.payment.update({ where: { orderId: id }, data: { status: 'CLOSED' } })
    desk.sandbox.switches.failRefunds = 2
    await decide(desk.sandbox, page, 'pay')
    await eventually('the refund is written down', () =>
      desk.db.paymentRefund.findFirst({ where: { orderId: id } }),
    )
    await desk.sweepAfter(1_000)
    await desk.sweepAfter(20_000)
    expect(await desk.statusOf(id)).toBe('CLOSED')
    await desk.sweepAfter(60_000)
    expect(await desk.statusOf(id)).toBe('REFUNDED')
    expect(desk.refundsOf(id)).toEqual([['undo', 3_980n]])
    expect(desk.said(id)).not.toContain('payment-succeeded')
  })

  it('gives back what is paid on a page that was opened only afterwards, without any notify', async () => {
    const id = await desk.begin()
    const { redirectUrl } = await desk.row(id)
    await desk.close(id)
    expect(desk.said(id).at(-1)).toBe('payment-closed')
    desk.sandbox.switches.dropNotifies = 100
    await decide(desk.sandbox, await (await fetch(redirectUrl ?? '')).text(), 'pay')
    await desk.sweepAfter(60_000)
    await desk.sweepAfter(60_000)
    expect(await desk.statusOf(id)).toBe('REFUNDED')
    expect(desk.refundsOf(id)).toEqual([['undo', 3_980n]])
  })

  it('closes at Alipay what is opened only afterwards, and is not watched for ever', async () => {
    const [opened, never] = [await desk.begin(), await desk.begin()]
    const { redirectUrl } = await desk.row(opened)
    await desk.close(opened)
    await desk.close(never)
    await fetch(redirectUrl ?? '')
    await desk.sweepAfter(60_000)
    expect(desk.trade(opened)?.status).toBe('TRADE_CLOSED')
    expect((await desk.row(opened)).checkAt).toBeNull()
    expect((await desk.row(never)).checkAt).not.toBeNull()
    await desk.sweepAfter(700_000)
    expect((await desk.row(never)).checkAt).toBeNull()
  })

  it('is refunded once when paying and closing race', async () => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => desk.begin()))
    const pages = await Promise.all(ids.map((id) => desk.open(id)))
    await Promise.all(
      ids.flatMap((id, index) => [
        decide(desk.sandbox, pages[index] ?? '', 'pay'),
        desk.close(id),
        desk.close(id),
      ]),
    )
    await desk.sweepAfter(60_000)
    for (const id of ids) {
      const wasPaid = desk.trade(id)?.paidAt !== null
      expect(await desk.statusOf(id)).toBe(wasPaid ? 'REFUNDED' : 'CLOSED')
      expect(desk.refundsOf(id)).toEqual(wasPaid ? [['undo', 3_980n]] : [])
    }
  })

  it('says that a refund did not work, and is refunded when asked again', async () => {
    const id = await desk.begin()
    await pay(id)
    await desk.becomes(id, 'SUCCEEDED')
    desk.sandbox.switches.failRefunds = 2
    await desk.close(id)
    await desk.close(id)
    await desk.close(id)
    expect(desk.said(id).slice(2)).toEqual([
      'payment-refund-failed',
      'payment-refund-failed',
      'payment-refunded',
    ])
    expect(desk.refundsOf(id)).toEqual([['undo', 3_980n]])
  })

  it('is refunded once when the answer to the refund is lost', async () => {
    const id = await desk.begin()
    await pay(id)
    await desk.becomes(id, 'SUCCEEDED')
    desk.sandbox.switches.loseAnswers = 1
    await desk.close(id)
    expect(desk.said(id).at(-1)).toBe('payment-refund-failed')
    await desk.close(id)
    expect(desk.said(id).at(-1)).toBe('payment-refunded')
    expect(desk.refundsOf(id)).toEqual([['undo', 3_980n]])
  })

  it('calls staff once when late money cannot be given back', async () => {
    const id = await desk.begin()
    const page = await desk.open(id)
    await desk.db.payment.update({ where: { orderId: id }, data: { status: 'CLOSED' } })
    desk.sandbox.switches.failRefunds = 100
    await decide(desk.sandbox, page, 'pay')
    await eventually('the refund is written down', () =>
      desk.db.paymentRefund.findFirst({ where: { orderId: id } }),
    )
    for (let round = 0; round < 8; round += 1) await desk.sweepAfter(61_000)
    expect(desk.alarms.filter((one) => one === id)).toEqual([id])
  })
})
