import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { noticeKinds, type Notice, type NoticeDetails, type NoticeKind } from './notice.ts'
import { parseTemplateCodes, sandboxTemplateCodes } from './template-codes.ts'
import { localeOf, mainlandNumber, paramsOf, render, templates, type NoticeLocale } from './templates.ts'

const locales = Object.keys(templates) as NoticeLocale[]
const textOf = (kind: NoticeKind, locale: NoticeLocale, details: NoticeDetails = {}) => {
  const notice: Notice = { orderId: 7_001n, kind, ref: '', details }
  return render(kind, locale, paramsOf(notice, locale))
}

describe('what customers read', () => {
  it('names the order in their language', () => {
    expect(textOf('order-confirmed', 'zh-CN')).toBe('您的订单7001已确认，我们正在为您备货。')
    expect(textOf('order-cancelled', 'en')).toBe(
      'Your order 7001 is cancelled. Anything you paid is refunded.',
    )
    expect(textOf('order-shipped', 'en', { trackingNumber: 'SF1' })).toContain('Tracking number SF1.')
  })

  it.each([
    [5, 'CNY', '0.05元', 'CNY 0.05'],
    [123_456, 'USD', '1234.56美元', 'USD 1234.56'],
    [1_000, 'EUR', '10.00欧元', 'EUR 10.00'],
  ] as const)('writes %i minor units of %s as %s and %s', (amount, currency, chinese, english) => {
    expect(textOf('order-refunded', 'zh-CN', { amount, currency })).toContain(`已退款${chinese}，`)
    expect(textOf('order-refunded', 'en', { amount, currency })).toContain(`${english} of your order`)
  })

  it('is never sent with a gap', () => {
    expect(() => textOf('order-refunded', 'en')).toThrow('lacks amount')
  })

  it('says the same in every language', () => {
    const namesIn = (text: string) => (text.match(/\$\{\w+\}/g) ?? []).toSorted()
    for (const kind of noticeKinds)
      expect(namesIn(templates.en[kind])).toEqual(namesIn(templates['zh-CN'][kind]))
  })

  it('is what the sandbox has had approved, under the codes of development', () => {
    const approved = JSON.parse(
      readFileSync(new URL(import.meta.resolve('@mall/sandbox-sms/templates.json')), 'utf8'),
    ) as { code: string; content: string }[]
    const codes = parseTemplateCodes(sandboxTemplateCodes)
    const ours = locales.flatMap((locale) =>
      noticeKinds.map((kind) => ({ code: codes?.[`${kind}.${locale}`], content: templates[locale][kind] })),
    )
    expect(ours).toEqual(approved)
  })
})

describe('the language', () => {
  it.each(['+8613800138000', '+86 138-0013-8000', '008613800138000', '13800138000'])(
    'is Chinese for %s',
    (phone) => expect([localeOf(phone), mainlandNumber(phone)]).toEqual(['zh-CN', '13800138000']),
  )

  it.each(['+12125550123', '+85223456789', '+8610 1234 5678', 'call me', ''])(
    'is English for "%s"',
    (phone) => expect(localeOf(phone)).toBe('en'),
  )
})

describe('template codes', () => {
  it('are refused when a text has none', () => {
    expect(parseTemplateCodes('order-shipped.en=SMS_1')).toBeNull()
    expect(parseTemplateCodes(sandboxTemplateCodes.replace('=SMS_900100001', '='))).toBeNull()
  })
})
