import { createRequire } from 'node:module'
import type dysmsapi from '@alicloud/dysmsapi20170525'
import type { NoticeKind } from './notice.ts'
import type { SmsMessage, SmsProvider } from './provider.ts'
import { mainlandNumber, type NoticeLocale } from './templates.ts'

/** The account at Alibaba Cloud SMS, and how it is reached. */
export interface AliyunSmsConfig {
  /** `https://dysmsapi.aliyuncs.com`, or the sandbox. */
  gatewayUrl: string
  accessKeyId: string
  accessKeySecret: string
  /** The approved name before each text. */
  signName: string
  /** Code of the approved text for each kind and language, such as `order-shipped.en`. */
  templateCodes: Record<`${NoticeKind}.${NoticeLocale}`, string>
  /** @default 3000 */
  connectTimeoutMs?: number
  /** How long an answer may take; then it is not known how the attempt ended. @default 5000 */
  readTimeoutMs?: number
}

/**
 * Alibaba Cloud SMS ("Dysmsapi" 2017-05-25) through the official client. Its documentation says that no kind of message
 * is idempotent and that the client must not repeat by itself, hence no retries here; `OutId` is only a note that comes
 * back in `QuerySendDetails`, by which `wasSent` recognises a message.
 */
export function createAliyunProvider(config: AliyunSmsConfig): SmsProvider {
  const { default: Client, SendSmsRequest, QuerySendDetailsRequest } = loadClient()
  const { host, protocol } = new URL(config.gatewayUrl)
  const client = new Client({
    endpoint: host,
    protocol: protocol.replace(':', ''),
    accessKeyId: config.accessKeyId,
    accessKeySecret: config.accessKeySecret,
    connectTimeout: config.connectTimeoutMs ?? 3_000,
    readTimeout: config.readTimeoutMs ?? 5_000,
  } as ConstructorParameters<typeof Client>[0])

  return {
    async send({ id, phone, kind, locale, params }) {
      const request = new SendSmsRequest({
        phoneNumbers: numberOf(phone),
        signName: config.signName,
        templateCode: config.templateCodes[`${kind}.${locale}`],
        templateParam: JSON.stringify(params),
        outId: id,
      })
      try {
        const { body } = await client.sendSms(request)
        if (body?.code === 'OK') return { status: 'SENT', messageId: body.bizId ?? '' }
        return refused(body?.code, body?.message)
      } catch (error) {
        if (!isRefusal(error))
          throw new Error('It is not known whether the message was taken.', { cause: error })
        return refused(error.code, error.message)
      }
    },

    async wasSent({ id, phone }: SmsMessage, since, now) {
      for (const day of daysBetween(since, now))
        for (let page = 1, left = true; left; page += 1) {
          const { body } = await client.querySendDetails(
            new QuerySendDetailsRequest({
              phoneNumber: numberOf(phone),
              sendDate: day,
              pageSize,
              currentPage: page,
            }),
          )
          if (body?.code !== 'OK') throw new Error(`What was sent could not be asked for: ${body?.code}`)
          const found = body.smsSendDetailDTOs?.smsSendDetailDTO ?? []
          if (found.some(({ outId }) => outId === id)) return true
          left = found.length === pageSize
        }
      return false
    },
  }
}

/** A fifth of a second of loading that a process without this provider is spared; the package is CommonJS with 300 models. */
const loadClient = () => createRequire(import.meta.url)('@alicloud/dysmsapi20170525') as typeof dysmsapi

/** As the provider wants it: bare in the mainland, elsewhere country code and number without the plus. */
const numberOf = (phone: string) =>
  mainlandNumber(phone) ?? phone.replace(/[\s().-]/g, '').replace(/^(\+|00)/, '')

const refused = (code = 'UNKNOWN', message = '') =>
  ({
    status: 'REFUSED',
    reason: `${code}: ${message}`.slice(0, 500),
    // What is wrong with the account (signature name, template, balance, permission) may be mended while we try.
    tryAgain: !faultsOfTheNumber.has(code),
  }) as const

const faultsOfTheNumber = new Set([
  'isv.MOBILE_NUMBER_ILLEGAL',
  'isv.DOMESTIC_NUMBER_NOT_SUPPORTED',
  'isv.BLACK_KEY_CONTROL_LIMIT',
])

/** Refused before anything was done: the provider answers so with 4xx, and with 5xx when it does not know either. */
function isRefusal(error: unknown): error is Error & { code: string; statusCode: number } {
  if (!(error instanceof Error) || !('statusCode' in error) || !('code' in error)) return false
  return typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500
}

const pageSize = 50
const dayMs = 86_400_000

/** The days that a time touches, as the provider names them: by Beijing's clock, which knows no summer time. */
function daysBetween(since: Date, now: Date): string[] {
  const dayOf = (date: Date) => Math.floor((date.getTime() + 8 * 3_600_000) / dayMs)
  const [first, last] = [dayOf(since), dayOf(now)]
  return Array.from({ length: last - first + 1 }, (_, index) =>
    new Date((first + index) * dayMs).toISOString().slice(0, 10).replaceAll('-', ''),
  )
}
