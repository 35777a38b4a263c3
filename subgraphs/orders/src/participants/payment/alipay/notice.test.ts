import { describe, expect, it } from 'vitest'
import { readForm } from './form.ts'
import { readAlipayNotice } from './notice.ts'

const checks = { appId: 'app', sellerId: 'seller', verify: () => true }
const good = {
  app_id: 'app',
  seller_id: 'seller',
  sign_type: 'RSA2',
  sign: 's',
  out_trade_no: '42',
  total_amount: '19.90',
  trade_status: 'TRADE_SUCCESS',
}
const body = (parameters: Record<string, string>) => Buffer.from(String(new URLSearchParams(parameters)))

describe('a notify', () => {
  it.each([
    ['TRADE_SUCCESS', 'SUCCEEDED'],
    ['TRADE_FINISHED', 'SUCCEEDED'],
    ['TRADE_CLOSED', 'CLOSED'],
    ['WAIT_BUYER_PAY', 'OPEN'],
    ['TRADE_SOMETHING_NEW', 'OPEN'],
  ])('of %s says %s', (trade_status, status) => {
    expect(readAlipayNotice(body({ ...good, trade_status }), checks)).toEqual({
      kind: 'GENUINE',
      notice: { orderId: '42', amount: 1_990, currency: 'CNY', status },
    })
  })

  it.each([
    ['FORGED', { sign_type: 'RSA' }],
    ['FORGED', { sign_type: '' }],
    ['FOREIGN', { app_id: 'other' }],
    ['FOREIGN', { seller_id: 'other' }],
    ['FOREIGN', { out_trade_no: '042' }],
    ['FOREIGN', { out_trade_no: '99999999999999999999' }],
    ['FOREIGN', { total_amount: '19.900' }],
  ])('is %s with %j', (kind, changes) => {
    expect(readAlipayNotice(body({ ...good, ...changes }), checks)).toMatchObject({ kind })
  })

  it('is not looked at any further when its signature is wrong', () => {
    const verdict = readAlipayNotice(body({ ...good, app_id: 'other' }), { ...checks, verify: () => false })
    expect(verdict).toEqual({ kind: 'FORGED', reason: 'its signature is wrong' })
  })
})

describe('a form', () => {
  it('is read as it was meant', () => {
    const parameters = { subject: '语雀 500人 & more', sign: 'a+/b==', empty: '' }
    expect(readForm(body(parameters))).toEqual(parameters)
  })

  it.each(['a=1&a=2', 'a=%E0%A4%A', 'a=%FF', '', '=1', 'a=1&&b=2'])('is refused when it is %j', (text) => {
    expect(readForm(Buffer.from(text))).toBeNull()
  })
})
