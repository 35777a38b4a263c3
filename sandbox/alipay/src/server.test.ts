import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLogger } from '@mall/service/logger'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { developmentKeys, developmentMerchant } from './keys.ts'
import { startSandbox, type RunningSandbox } from './server.ts'
import { contentOf, sign, verify } from './signing.ts'
import { chinaTime } from './time.ts'

const key = (name: string) => readFileSync(join(import.meta.dirname, '..', 'keys', name), 'utf8')
const app = createPrivateKey(key('app-private.pem'))
const alipay = createPublicKey(key('alipay-public.pem'))

let sandbox: RunningSandbox
beforeEach(async () => {
  sandbox = await startSandbox({
    listen: { host: '127.0.0.1', port: 0 },
    keys: developmentKeys(),
    merchant: developmentMerchant,
    retryAfterMs: [],
    logger: createLogger({ name: 'sandbox', level: 'silent' }),
  })
})
afterEach(() => sandbox.close())

function request(method: string, content: object, changes: Record<string, string> = {}) {
  const parameters = {
    app_id: developmentMerchant.appId,
    method,
    charset: 'utf-8',
    sign_type: 'RSA2',
    timestamp: chinaTime(new Date()),
    version: '1.0',
    biz_content: JSON.stringify(content),
    ...changes,
  }
  return { ...parameters, sign: sign(contentOf(parameters), app) }
}

/** Asks as a merchant's server, and verifies the answer as one. */
async function ask(parameters: Record<string, string>): Promise<Record<string, string>> {
  const answer = await fetch(`${sandbox.url}/gateway.do`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  })
  const text = await answer.text()
  const [, name, signed = '', signature = ''] = /^\{"(\w+)":(\{.*\}),"sign":"([^"]+)"\}$/.exec(text) ?? []
  expect(verify(signed, signature, alipay)).toBe(true)
  expect(name).toMatch(/_response$/)
  return JSON.parse(signed)
}

const trade = { out_trade_no: '42', total_amount: '19.90', subject: 'a mug' }
const precreate = () => ask(request('alipay.trade.precreate', trade))
const number = { out_trade_no: '42' }
const query = () => ask(request('alipay.trade.query', number))
const refund = (out_request_no: string, refund_amount: string) =>
  ask(request('alipay.trade.refund', { ...number, out_request_no, refund_amount }))

async function pay(decision = 'pay') {
  const { qr_code: url = '' } = await precreate()
  const [, trade_no = ''] = /name="trade_no" value="(\d+)"/.exec(await (await fetch(url)).text()) ?? []
  await fetch(`${sandbox.url}/sandbox/pay`, {
    method: 'POST',
    body: new URLSearchParams({ trade_no, decision }),
    redirect: 'manual',
  })
}

describe('the gateway', () => {
  it.each([
    ['isv.invalid-signature', { ...request('alipay.trade.query', number), biz_content: '{}' }],
    ['isv.missing-signature', { ...request('alipay.trade.query', number), sign: '' }],
    ['isv.invalid-app-id', request('alipay.trade.query', number, { app_id: '1' })],
    ['isv.invalid-signature-type', request('alipay.trade.query', number, { sign_type: 'RSA' })],
    ['isv.invalid-timestamp', request('alipay.trade.query', number, { timestamp: '2020-01-01 00:00:00' })],
    ['isv.invalid-charset', request('alipay.trade.query', number, { charset: 'gbk' })],
    ['isv.invalid-method', request('alipay.trade.nothing', number)],
    ['isv.invalid-parameter', request('alipay.trade.precreate', { ...trade, total_amount: '1.999' })],
  ])('answers %s', async (subCode, parameters) => {
    const { code, sub_code } = await ask(parameters)
    expect([code?.slice(0, 4), sub_code]).toEqual(['4000', subCode])
  })

  it('takes a payment and says so', async () => {
    expect(await query()).toMatchObject({ code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' })
    await precreate()
    expect(await query()).toMatchObject({ code: '10000', trade_status: 'WAIT_BUYER_PAY' })
    await pay()
    expect(await query()).toMatchObject({ trade_status: 'TRADE_SUCCESS', total_amount: '19.90' })
    expect(await precreate()).toMatchObject({ sub_code: 'ACQ.TRADE_HAS_SUCCESS' })
    expect(await ask(request('alipay.trade.close', number))).toMatchObject({
      sub_code: 'ACQ.TRADE_STATUS_ERROR',
    })
  })

  it('refuses another amount under the same number', async () => {
    await precreate()
    expect(await ask(request('alipay.trade.precreate', { ...trade, total_amount: '0.01' }))).toMatchObject({
      sub_code: 'ACQ.CONTEXT_INCONSISTENT',
    })
  })

  it('refunds once for a request number, never more than was paid, and closes what is refunded in full', async () => {
    await pay()
    expect(await refund('a', '10.00')).toMatchObject({ fund_change: 'Y', refund_fee: '10.00' })
    expect(await refund('a', '10.00')).toMatchObject({ fund_change: 'N', refund_fee: '10.00' })
    expect(await refund('a', '5.00')).toMatchObject({ sub_code: 'ACQ.DISCORDANT_REPEAT_REQUEST' })
    expect(await refund('b', '9.91')).toMatchObject({ sub_code: 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL' })
    expect(await refund('b', '9.90')).toMatchObject({ refund_fee: '19.90' })
    expect(await query()).toMatchObject({ trade_status: 'TRADE_CLOSED' })
    const asked = await ask(request('alipay.trade.fastpay.refund.query', { ...number, out_request_no: 'b' }))
    expect(asked).toMatchObject({ refund_status: 'REFUND_SUCCESS', refund_amount: '9.90' })
  })

  it('closes what the buyer cancels, and then takes no money for it', async () => {
    await pay('cancel')
    expect(await query()).toMatchObject({ trade_status: 'TRADE_CLOSED' })
    expect(await refund('a', '1.00')).toMatchObject({ sub_code: 'ACQ.TRADE_STATUS_ERROR' })
  })
})

describe('the switches', () => {
  it('are read and set, and unknown ones are refused', async () => {
    const set = (body: object) =>
      fetch(`${sandbox.url}/sandbox/switches`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    expect(await (await set({ failRefunds: 1 })).json()).toMatchObject({ failRefunds: 1, notifyCopies: 1 })
    expect((await set({ nonsense: true })).status).toBe(400)
    await pay()
    expect(await refund('a', '1.00')).toMatchObject({ sub_code: 'ACQ.SYSTEM_ERROR' })
    expect(await refund('a', '1.00')).toMatchObject({ fund_change: 'Y' })
  })
})
