import { contentOf, developmentKeys, sign, verify } from '@mall/sandbox-alipay'
import { AlipaySdk } from 'alipay-sdk'
import { describe, expect, it } from 'vitest'
import { createAlipayProvider } from './alipay.ts'
import { alipaySettings } from './settings.ts'

// Two programs that know nothing of each other sign here: Alipay's library, and the sandbox after the documentation.
const settings = alipaySettings(
  {},
  { isProduction: false, mode: 'page', timeoutMs: 1_000, payableForMs: 600_000 },
)
if (!settings) throw new Error('The sandbox is not installed')
const keys = developmentKeys()
const sdk = new AlipaySdk({
  appId: settings.appId,
  privateKey: settings.privateKey,
  keyType: 'PKCS8',
  alipayPublicKey: settings.alipayPublicKey,
})
const at = new Date('2026-01-01T20:00:00Z')
const request = { orderId: '42', amount: 1_990, currency: 'CNY' } as const

describe('signatures', () => {
  it('of the library are those that the sandbox computes', () => {
    const signed = Object.fromEntries(
      new URLSearchParams(
        sdk.sdkExecute('alipay.trade.query', { bizContent: { subject: '语雀 100% & a+b' } }),
      ),
    )
    expect(verify(contentOf(signed), signed.sign ?? '', keys.appPublic)).toBe(true)
    expect(verify(contentOf({ ...signed, app_id: 'x' }), signed.sign ?? '', keys.appPublic)).toBe(false)
  })

  it('of the sandbox are those that the library expects, in notifies and in answers', () => {
    const notify = { out_trade_no: '42', subject: '语雀 100% & a+b', total_amount: '19.90' }
    const signed = { ...notify, sign_type: 'RSA2', sign: sign(contentOf(notify), keys.alipayPrivate) }
    expect(sdk.checkNotifySignV2(signed)).toBe(true)
    expect(sdk.checkNotifySignV2({ ...signed, total_amount: '0.01' })).toBe(false)

    const text = String.raw`{"code":"10000","url":"https:\/\/a"}`
    const signature = sign(text, keys.alipayPrivate)
    const answer = `{"alipay_trade_query_response":${text},"sign":"${signature}"}`
    expect(() => sdk.checkResponseSign(answer, 'alipay_trade_query_response', signature, '')).not.toThrow()
    expect(() =>
      sdk.checkResponseSign(answer.replace('10000', '40004'), 'alipay_trade_query_response', signature, ''),
    ).toThrow()
  })
})

describe('the page of a payment', () => {
  it('is asked for with a signature, in Chinese time, for this order and amount, and for a limited time', async () => {
    const started = await createAlipayProvider(settings, () => at).initiate(request)
    if (started.status !== 'INITIATED') throw new Error(started.status)
    const parameters = Object.fromEntries(new URL(started.redirectUrl).searchParams)
    expect(verify(contentOf(parameters), parameters.sign ?? '', keys.appPublic)).toBe(true)
    expect(parameters).toMatchObject({
      method: 'alipay.trade.page.pay',
      timestamp: '2026-01-02 04:00:00',
      notify_url: settings.notifyUrl,
      return_url: 'http://localhost:3000/orders/42',
    })
    expect(JSON.parse(parameters.biz_content ?? '')).toEqual({
      out_trade_no: '42',
      total_amount: '19.90',
      subject: 'Mall 42',
      time_expire: '2026-01-02 04:10:00',
      product_code: 'FAST_INSTANT_TRADE_PAY',
    })
  })

  it('is refused in another currency or for more than Alipay takes', async () => {
    const provider = createAlipayProvider(settings)
    expect(await provider.initiate({ ...request, currency: 'USD' })).toMatchObject({
      status: 'FAILED',
      reason: 'Alipay takes CNY, not USD.',
    })
    expect(await provider.initiate({ ...request, amount: 10_000_000_001 })).toMatchObject({
      status: 'FAILED',
    })
  })
})
