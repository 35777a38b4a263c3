import type { CurrencyCode } from '../../domain/order.ts'
import type { Notice, NoticeKind } from './notice.ts'

/** The languages that customers are written to in. */
export type NoticeLocale = 'zh-CN' | 'en'

/**
 * What customers read. A provider has these texts approved beforehand and takes only their parameters: a change here
 * needs its approval first. The signature name, such as 【商城】, is put before them by the provider.
 */
export const templates: Record<NoticeLocale, Record<NoticeKind, string>> = {
  'zh-CN': {
    'order-confirmed': '您的订单${orderId}已确认，我们正在为您备货。',
    'order-cancelled': '您的订单${orderId}已取消，已支付的款项将原路退回。',
    'order-shipped': '您的订单${orderId}已发货，运单号${trackingNumber}。',
    'order-delivered': '您的订单${orderId}已送达，感谢您的惠顾。',
    'order-refunded': '您的订单${orderId}已退款${amount}，款项将原路退回。',
  },
  en: {
    'order-confirmed': 'Your order ${orderId} is confirmed. We are getting it ready.',
    'order-cancelled': 'Your order ${orderId} is cancelled. Anything you paid is refunded.',
    'order-shipped': 'Your order ${orderId} is on its way. Tracking number ${trackingNumber}.',
    'order-delivered': 'Your order ${orderId} has arrived. Thank you for shopping with us.',
    'order-refunded': '${amount} of your order ${orderId} is refunded to where it came from.',
  },
}

/** The parameters of a notice's text. */
export function paramsOf({ orderId, details }: Notice, locale: NoticeLocale): Record<string, string> {
  const { trackingNumber, amount, currency } = details
  return {
    orderId: String(orderId),
    ...(trackingNumber !== undefined && { trackingNumber }),
    ...(amount !== undefined && currency !== undefined && { amount: money(amount, currency, locale) }),
  }
}

/** The text with its parameters. Throws when one is missing: a customer must not read `${amount}`. */
export function render(kind: NoticeKind, locale: NoticeLocale, params: Readonly<Record<string, string>>) {
  return templates[locale][kind].replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`The text of ${kind} lacks ${name}.`)
    return value
  })
}

/**
 * The language for a phone number: Chinese for the mainland's numbers, English for all others. The number is all that an
 * order says of its recipient, who may be another person than the customer whose settings are known; and providers
 * approve texts for the mainland apart from those for abroad, so the number decides which text may be sent at all.
 */
export const localeOf = (phone: string): NoticeLocale => (mainlandNumber(phone) === null ? 'en' : 'zh-CN')

/** The 11 digits of a mobile number of mainland China however it is written; null for any other. */
export function mainlandNumber(phone: string): string | null {
  const written = phone.replace(/[\s().-]/g, '')
  return /^(?:\+86|0086|86)?(1[3-9]\d{9})$/.exec(written)?.[1] ?? null
}

/** Written out: `¥` is also the yen, and a no-break space would make a short message twice as long. */
function money(minorUnits: number, currency: CurrencyCode, locale: NoticeLocale): string {
  const digits = minorDigits[currency]
  const scale = 10 ** digits
  const amount = `${Math.trunc(minorUnits / scale)}.${String(minorUnits % scale).padStart(digits, '0')}`
  return locale === 'zh-CN' ? `${amount}${chineseNames[currency]}` : `${currency} ${amount}`
}

const minorDigits: Record<CurrencyCode, number> = { CNY: 2, USD: 2, EUR: 2 }
const chineseNames: Record<CurrencyCode, string> = { CNY: '元', USD: '美元', EUR: '欧元' }
