import { randomUUID } from 'node:crypto'
import type { Fault, Faults } from './faults.ts'
import type { Messages, SentMessage } from './messages.ts'

/** A message form that the account may use. `content` holds `${names}`. */
export interface Template {
  code: string
  content: string
}

/** What is answered: the provider refuses messages with HTTP 200 and a code, and requests with an HTTP error. */
export interface ApiAnswer {
  status: number
  body: Record<string, unknown>
  /** Answer after so long. */
  delayMs?: number
  /** Do not answer at all. */
  hangUp?: boolean
}

/** The account as its owner has set it up. */
export interface Account {
  signName: string
  templates: readonly Template[]
}

/** The two operations of "Dysmsapi 2017-05-25" that the mall uses, by the names of the protocol. */
export function createApi(deps: { account: Account; messages: Messages; faults: Faults; now(): Date }) {
  const { account, messages, faults, now } = deps
  const operations: Record<string, (parameters: Readonly<Record<string, string>>) => ApiAnswer> = {
    SendSms: sendSms,
    QuerySendDetails: querySendDetails,
  }

  /** Answers a request whose signature is good. */
  return (action: string, parameters: Readonly<Record<string, string>>): ApiAnswer =>
    operations[action]?.(parameters) ??
    refusal(404, 'InvalidAction.NotFound', `Specified api is not found: ${action}`)

  function sendSms(parameters: Readonly<Record<string, string>>): ApiAnswer {
    const { PhoneNumbers = '', SignName = '', TemplateCode = '', TemplateParam, OutId = '' } = parameters
    const phone = numberOf(PhoneNumbers)
    if (phone === null) return refusal(200, 'isv.MOBILE_NUMBER_ILLEGAL', 'Not a number that can be reached.')
    if (SignName !== account.signName)
      return refusal(200, 'isv.SMS_SIGNATURE_ILLEGAL', 'The account has no such signature name.')
    const template = account.templates.find(({ code }) => code === TemplateCode)
    if (!template) return refusal(200, 'isv.SMS_TEMPLATE_ILLEGAL', 'The account has no such template.')
    const values = readParams(TemplateParam)
    if (!values) return refusal(200, 'isv.INVALID_JSON_PARAM', 'TemplateParam is not an object of strings.')
    const missing = variablesOf(template).filter((name) => !values[name])
    if (missing.length > 0)
      return refusal(200, 'isv.TEMPLATE_MISSING_PARAMETERS', `Missing: ${missing.join(', ')}`)

    const fault = faults.take(phone)
    if (fault?.mode === 'throttle')
      return refusal(200, 'isv.BUSINESS_LIMIT_CONTROL', 'Too many messages to this number.')
    if (fault?.mode === 'fail') return refusal(500, 'ServiceUnavailable', 'The service is not available.')
    const content = template.content.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
    const { bizId } = messages.add({
      outId: OutId,
      phone,
      signName: SignName,
      templateCode: TemplateCode,
      content,
      sentAt: now().toISOString(),
    })
    return { ...answered({ BizId: bizId }), ...consequenceOf(fault) }
  }

  function querySendDetails(parameters: Readonly<Record<string, string>>): ApiAnswer {
    const { PhoneNumber = '', SendDate = '', BizId } = parameters
    const [size, page] = [Number(parameters.PageSize), Number(parameters.CurrentPage)]
    if (!(size >= 1 && size <= 50 && page >= 1 && /^\d{8}$/.test(SendDate)))
      return refusal(200, 'isv.INVALID_PARAMETERS', 'SendDate, PageSize or CurrentPage is wrong.')
    const found = messages
      .list({ phone: numberOf(PhoneNumber) ?? '' })
      .filter((one) => chineseDate(one.sentAt) === SendDate && (!BizId || one.bizId === BizId))
    return answered({
      TotalCount: found.length,
      SmsSendDetailDTOs: {
        SmsSendDetailDTO: found.slice((page - 1) * size, page * size).map(detailOf),
      },
    })
  }
}

/** A request that is refused, in the provider's form. */
export const refusal = (status: number, code: string, message: string): ApiAnswer => ({
  status,
  body: { Code: code, Message: message, RequestId: randomUUID().toUpperCase() },
})

const answered = (body: Record<string, unknown>): ApiAnswer => ({
  status: 200,
  body: { Code: 'OK', Message: 'OK', RequestId: randomUUID().toUpperCase(), ...body },
})

function consequenceOf(fault: Fault | null): Pick<ApiAnswer, 'delayMs' | 'hangUp'> {
  if (fault?.mode === 'delay') return { delayMs: fault.delayMs }
  return fault?.mode === 'lose' ? { hangUp: true } : {}
}

/** One number in the provider's form: 11 digits in the mainland, else country code and number; null for any other. */
function numberOf(text: string): string | null {
  const mainland = /^(?:\+86|0086|86)?(1[3-9]\d{9})$/.exec(text)
  if (mainland) return mainland[1] ?? null
  return /^(?!86|0)\d{7,15}$/.test(text) ? text : null
}

const variablesOf = ({ content }: Template) =>
  [...content.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name ?? '')

function readParams(json = '{}'): Record<string, string> | null {
  try {
    const value: unknown = JSON.parse(json)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    const entries = isObject ? Object.entries(value) : null
    if (!entries?.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return null
    return Object.fromEntries(entries)
  } catch {
    return null
  }
}

/** The provider's days are those of Beijing. */
const chineseDate = (iso: string) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date(iso)).replaceAll('-', '')

const detailOf = (message: SentMessage) => ({
  OutId: message.outId,
  PhoneNum: message.phone,
  TemplateCode: message.templateCode,
  Content: `【${message.signName}】${message.content}`,
  SendDate: message.sentAt,
  ReceiveDate: message.sentAt,
  ErrCode: 'DELIVERED',
  SendStatus: 3,
})
