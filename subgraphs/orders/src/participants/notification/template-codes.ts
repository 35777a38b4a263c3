import { noticeKinds, type NoticeKind } from './notice.ts'
import type { NoticeLocale } from './templates.ts'

/** The provider's code of the approved text for each kind and language. */
export type TemplateCodes = Record<`${NoticeKind}.${NoticeLocale}`, string>

const locales: readonly NoticeLocale[] = ['zh-CN', 'en']
const names = noticeKinds.flatMap((kind) => locales.map((locale) => `${kind}.${locale}` as const))

/** `order-shipped.en=SMS_1,…` with every kind in every language → TemplateCodes; null when one is missing. */
export function parseTemplateCodes(list: string): TemplateCodes | null {
  const pairs: Record<string, string> = Object.fromEntries(
    list.split(',').map((pair) => {
      const [name = '', code = ''] = pair.trim().split('=')
      return [name, code]
    }),
  )
  return hasAll(pairs) ? pairs : null
}

const hasAll = (pairs: Record<string, string>): pairs is TemplateCodes => names.every((name) => pairs[name])

/** What the sandbox's account has had approved. */
export const sandboxTemplateCodes = [
  'order-confirmed.zh-CN=SMS_900100001',
  'order-cancelled.zh-CN=SMS_900100002',
  'order-shipped.zh-CN=SMS_900100003',
  'order-delivered.zh-CN=SMS_900100004',
  'order-refunded.zh-CN=SMS_900100005',
  'order-confirmed.en=SMS_900200001',
  'order-cancelled.en=SMS_900200002',
  'order-shipped.en=SMS_900200003',
  'order-delivered.en=SMS_900200004',
  'order-refunded.en=SMS_900200005',
].join(',')
