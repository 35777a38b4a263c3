import type { KeyObject } from 'node:crypto'
import { failure, type Failure } from './failures.ts'
import { contentOf, verify } from './signing.ts'
import { fromChinaTime } from './time.ts'

/** Parameters of a request by name. */
export type Parameters = Readonly<Record<string, string>>

// A page that the shopper opens may have waited; what a server asks is asked now.
const quarterOfAnHour = 15 * 60_000
const day = 24 * 3_600_000

/** Refuses requests that the real gateway would not take, with its codes; null for those that it would. */
export function refuseRequest(
  parameters: Parameters,
  options: { appId: string; appPublic: KeyObject; now: Date },
): Failure | null {
  const { method, app_id: appId, sign, sign_type: signType, charset, timestamp } = parameters
  if (!method) return failure('isv.missing-method')
  if (!appId) return failure('isv.missing-app-id')
  if (!sign) return failure('isv.missing-signature')
  if (!timestamp) return failure('isv.missing-timestamp')
  if (appId !== options.appId) return failure('isv.invalid-app-id')
  if (signType !== 'RSA2') return failure('isv.invalid-signature-type')
  if (charset?.toLowerCase() !== 'utf-8') return failure('isv.invalid-charset')
  if (!verify(contentOf(parameters), sign, options.appPublic)) return failure('isv.invalid-signature')
  const askedAt = fromChinaTime(timestamp)
  const tolerance = method === 'alipay.trade.page.pay' ? day : quarterOfAnHour
  if (!askedAt || Math.abs(+options.now - +askedAt) > tolerance) return failure('isv.invalid-timestamp')
  return null
}
