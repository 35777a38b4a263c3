import { eventually } from '@mall/testing'
import { contentOf, developmentKeys, sign } from '@mall/sandbox-alipay'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { decide, openPaymentDesk, type PaymentDesk } from './testing/payment-desk.ts'

let desk: PaymentDesk
beforeAll(async () => {
  desk = await openPaymentDesk()
})
beforeEach(() => desk.calm())
afterAll(() => desk[Symbol.asyncDispose]())

const pay = async (id: bigint) => decide(desk.sandbox, await desk.open(id), 'pay')
const succeeded = (id: bigint) => desk.said(id).filter((type) => type === 'payment-succeeded')

/** A notify as Alipay would write it, for a story that needs one of its own. */
const notice = (changes: Record<string, string>, key = developmentKeys().alipayPrivate) => {
  const parameters = {
    app_id: '9021000000000001',
    seller_id: '2088000000000001',
    trade_status: 'TRADE_SUCCESS',
    total_amount: '39.80',
    notify_id: 'n1',
    ...changes,
  }
  return { ...parameters, sign_type: 'RSA2', sign: sign(contentOf(parameters), key) }
}
const send = async (parameters: Record<string, string>) => {
  const answer = await fetch(desk.notifyUrl, { method: 'POST', body: new URLSearchParams(parameters) })
  return { status: answer.status, text: await answer.text() }
}

describe('a payment by Alipay', () => {
  it('sends the shopper to a page, learns by the notify that it is paid, and tells it in the story of the order', async () => {
    const id = await desk.begin()
    expect(desk.said(id)).toEqual(['payment-initiated'])
    expect(await pay(id)).toMatch(new RegExp(`^http://localhost:3000/orders/${id}\\?`))
    await desk.becomes(id, 'SUCCEEDED')
    await eventually('it is told', async () => succeeded(id).length === 1)
    const [initiated, told] = desk.sentOf(id)
    expect(told).toMatchObject({
      correlationId: initiated?.correlationId,
      data: { amount: 3_980, currency: 'CNY', lines: [{ skuId: 'mug' }], destination: { city: 'Shanghai' } },
    })
    await eventually('nothing is left to do', async () => (await desk.row(id)).checkAt === null)
  })

  it('shows a code to scan where that is configured', async () => {
    const id = await desk.begin(3_980, desk.byCode)
    expect((await desk.row(id)).redirectUrl).toMatch(/\/qr\/\d+$/)
    await pay(id)
    await desk.becomes(id, 'SUCCEEDED')
  })

  it('fails when the shopper cancels at Alipay', async () => {
    const id = await desk.begin()
    await decide(desk.sandbox, await desk.open(id), 'cancel')
    await desk.becomes(id, 'FAILED')
    expect(desk.said(id)).toEqual(['payment-initiated', 'payment-failed'])
  })

  it('is found by asking when the notify never comes, ever more rarely until then', async () => {
    desk.sandbox.switches.dropNotifies = 1
    const id = await desk.begin()
    await desk.sweepAfter(6_000)
    expect((await desk.row(id)).checks).toBe(1)
    await pay(id)
    await desk.sweepAfter(1_000)
    expect(await desk.statusOf(id)).toBe('INITIATED')
    await desk.sweepAfter(60_000)
    expect(await desk.statusOf(id)).toBe('SUCCEEDED')
    expect(succeeded(id)).toHaveLength(1)
  })

  it('is asked for by one of several instances at a time, whichever lives', async () => {
    desk.sandbox.switches.dropNotifies = 6
    const ids = await Promise.all(Array.from({ length: 6 }, () => desk.begin()))
    for (const id of ids) await pay(id)
    const { due, taken } = await desk.sweepTogether(6_000)
    expect(due).toBeGreaterThanOrEqual(6)
    expect(taken).toBe(due)
    for (const id of ids) expect(succeeded(id)).toHaveLength(1)
  })

  it('is told later by the sweep when the broker is away, and the notify is awaited again', async () => {
    const id = await desk.begin()
    desk.breakBroker(true)
    expect(await send(notice({ out_trade_no: String(id) }))).toEqual({ status: 200, text: 'fail' })
    desk.breakBroker(false)
    expect(succeeded(id)).toEqual([])
    await desk.sweepAfter(6_000)
    expect(succeeded(id)).toHaveLength(1)
    expect(await send(notice({ out_trade_no: String(id) }))).toEqual({ status: 200, text: 'success' })
    expect(succeeded(id)).toHaveLength(1)
  })

  it('waits while Alipay cannot be reached, and does not hold up other orders', async () => {
    desk.sandbox.switches.gatewayDelayMs = 3_000
    const id = await desk.begin(3_980, desk.byCode)
    expect(desk.said(id)).toEqual([])
    desk.sandbox.switches.gatewayDelayMs = 0
    await desk.reserve(id)
    expect(desk.said(id)).toEqual(['payment-initiated'])
  })
})

describe('a notify', () => {
  it('counts once, however often and from how many it comes at once', async () => {
    const id = await desk.begin()
    const one = notice({ out_trade_no: String(id) })
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(one)))
    expect(answers).toEqual(Array(20).fill({ status: 200, text: 'success' }))
    expect(succeeded(id)).toHaveLength(1)
  })

  it('counts once when it comes in copies while Alipay is asked', async () => {
    desk.sandbox.switches.notifyCopies = 10
    const id = await desk.begin()
    await Promise.all([pay(id), desk.sweepAfter(6_000), desk.sweepAfter(0)])
    await desk.becomes(id, 'SUCCEEDED')
    await desk.sweepAfter(60_000)
    expect(succeeded(id)).toHaveLength(1)
  })

  it.each([
    ['with a stranger’s signature', 'FORGED', { forgeNotifies: true }],
    ['with another amount', 'OTHER_AMOUNT', { wrongAmount: true }],
  ])('%s changes nothing, and is counted', async (_, outcome, switches) => {
    const before = await desk.notices(outcome)
    Object.assign(desk.sandbox.switches, switches)
    const id = await desk.begin()
    await pay(id)
    await eventually('it was refused', async () => (await desk.notices(outcome)) > before)
    expect(await desk.statusOf(id)).toBe('INITIATED')
    expect(desk.said(id)).toEqual(['payment-initiated'])
  })

  it.each([
    ['an order that nobody knows', { out_trade_no: '999' }],
    ['another app', { app_id: '9021000000000009' }],
    ['another seller', { seller_id: '2088000000000009' }],
    ['no number at all', { out_trade_no: "1' or '1'='1" }],
  ])('for %s is refused, though Alipay signed it', async (_, changes) => {
    const id = await desk.begin()
    expect(await send(notice({ out_trade_no: String(id), ...changes }))).toEqual({
      status: 400,
      text: 'fail',
    })
    expect(await desk.statusOf(id)).toBe('INITIATED')
  })

  it('is refused when it is signed by SHA-1, changed afterwards, malformed or empty', async () => {
    const id = await desk.begin()
    const good = notice({ out_trade_no: String(id) })
    expect((await send({ ...good, sign_type: 'RSA' })).text).toBe('fail')
    expect((await send({ ...good, trade_status: 'TRADE_CLOSED' })).text).toBe('fail')
    const twice = `${String(new URLSearchParams(good))}&total_amount=0.01`
    const answers = await Promise.all(
      [twice, 'a=%E0%A4%A', ''].map(async (body) =>
        (await fetch(desk.notifyUrl, { method: 'POST', body })).text(),
      ),
    )
    expect(answers).toEqual(['fail', 'fail', 'fail'])
    expect(await desk.statusOf(id)).toBe('INITIATED')
  })

  it('that is replayed after the refund pays nothing a second time', async () => {
    const id = await desk.begin()
    await pay(id)
    await desk.becomes(id, 'SUCCEEDED')
    await desk.close(id)
    expect(await desk.statusOf(id)).toBe('REFUNDED')
    expect((await send(notice({ out_trade_no: String(id) }))).text).toBe('success')
    await desk.sweepAfter(60_000)
    expect(await desk.statusOf(id)).toBe('REFUNDED')
    expect(succeeded(id)).toHaveLength(1)
    expect(desk.refundsOf(id)).toEqual([['undo', 3_980n]])
  })

  it('may be overtaken by the one of its refund', async () => {
    desk.sandbox.switches.reorderNotifies = true
    const id = await desk.begin()
    await pay(id)
    await desk.close(id)
    expect(desk.said(id)).toEqual(['payment-initiated', 'payment-refunded'])
    const before = await desk.notices('TAKEN')
    await eventually('both notifies came', async () => (await desk.notices('TAKEN')) >= before + 2)
    expect(await desk.statusOf(id)).toBe('REFUNDED')
    expect(desk.said(id)).toEqual(['payment-initiated', 'payment-refunded'])
  })
})
