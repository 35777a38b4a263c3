import { createSandbox, type Fault, type SentMessage } from '@mall/sandbox-sms'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config.ts'
import { createAliyunProvider, type AliyunSmsConfig } from './aliyun-provider.ts'
import { createConsoleProvider } from './console-provider.ts'
import type { SmsMessage, SmsProvider } from './provider.ts'

const config = loadConfig({}).sms.aliyun
const sandbox = createSandbox({
  accessKey: { id: config.accessKeyId, secret: config.accessKeySecret },
  signName: config.signName,
})
let gatewayUrl: string
beforeAll(async () => {
  gatewayUrl = await sandbox.listen({ host: '127.0.0.1', port: 0 })
})
beforeEach(() => sandbox.inject({ method: 'DELETE', url: '/faults' }))
afterAll(() => sandbox.close())

const aliyun = (changes: Partial<AliyunSmsConfig> = {}) =>
  createAliyunProvider({ ...config, gatewayUrl, ...changes })
const plan = (fault: Partial<Fault>) =>
  sandbox.inject({ method: 'POST', url: '/faults', payload: JSON.stringify(fault) })
const arrived = async (outId: string) =>
  (await sandbox.inject({ url: '/messages', query: { outId } })).json<SentMessage[]>()

let lastId = 0
const message = (changes: Partial<SmsMessage> = {}): SmsMessage => ({
  id: `order-shipped:${(lastId += 1)}`,
  phone: '+8613800138000',
  kind: 'order-shipped',
  locale: 'zh-CN',
  params: { orderId: String(lastId), trackingNumber: "S~F *+!'(é)中" },
  ...changes,
})
const minuteAgo = () => new Date(Date.now() - 60_000)

const written: string[] = []
const providers: [string, () => SmsProvider, (message: SmsMessage) => Promise<string[]>][] = [
  ['the console', () => createConsoleProvider((text) => void written.push(text)), async () => [...written]],
  ['Alibaba Cloud', () => aliyun(), async ({ id }) => (await arrived(id)).map(({ content }) => content)],
]

describe.each(providers)('%s', (_name, create, read) => {
  it('sends a text and knows afterwards that it did', async () => {
    const provider = create()
    const one = message()
    expect(await provider.wasSent(one, minuteAgo(), new Date())).toBe(false)
    expect(await provider.send(one)).toEqual({
      status: 'SENT',
      messageId: expect.stringMatching(/.{5}/) as string,
    })
    expect(await provider.wasSent(one, minuteAgo(), new Date())).toBe(true)
    expect(await provider.wasSent(message(), minuteAgo(), new Date())).toBe(false)
    expect(await read(one)).toContain(
      `您的订单${one.params['orderId']}已发货，运单号${one.params['trackingNumber']}。`,
    )
  })

  it('sends to other countries', async () => {
    const one = message({ phone: '+1 (212) 555-0123', locale: 'en' })
    expect(await create().send(one)).toMatchObject({ status: 'SENT' })
    expect(await read(one)).toContainEqual(expect.stringContaining('is on its way'))
  })

  it('refuses for good what is not a phone number', async () => {
    expect(await create().send(message({ phone: 'call me' }))).toMatchObject({
      status: 'REFUSED',
      tryAgain: false,
    })
  })
})

describe('Alibaba Cloud', () => {
  it.each([
    ['a wrong secret', () => aliyun({ accessKeySecret: 'wrong' }), 'SignatureDoesNotMatch'],
    ['an unknown key', () => aliyun({ accessKeyId: 'unknown' }), 'InvalidAccessKeyId.NotFound'],
    ['another signature name', () => aliyun({ signName: '别家' }), 'isv.SMS_SIGNATURE_ILLEGAL'],
    [
      'a text that is not approved',
      () => aliyun({ templateCodes: { ...config.templateCodes, 'order-shipped.zh-CN': 'SMS_1' } }),
      'isv.SMS_TEMPLATE_ILLEGAL',
    ],
  ])('may take the message later when the account has %s', async (_fault, create, code) => {
    const result = await create().send(message())
    expect(result).toMatchObject({ status: 'REFUSED', tryAgain: true })
    expect(result.status === 'REFUSED' && result.reason).toContain(code)
  })

  it('refuses a text whose parameters are missing', async () => {
    expect(await aliyun().send(message({ params: { orderId: '1' } }))).toMatchObject({
      reason: expect.stringContaining('isv.TEMPLATE_MISSING_PARAMETERS') as string,
    })
  })

  it('refuses for now when a number gets too many', async () => {
    await plan({ mode: 'throttle' })
    const one = message()
    expect(await aliyun().send(one)).toMatchObject({ status: 'REFUSED', tryAgain: true })
    expect(await aliyun().send(one)).toMatchObject({ status: 'SENT' })
  })

  it('does not repeat by itself what fails, and says that it does not know', async () => {
    await plan({ mode: 'fail' })
    const one = message()
    await expect(aliyun().send(one)).rejects.toThrow('not known')
    expect(await arrived(one.id)).toEqual([])
    expect(await aliyun().wasSent(one, minuteAgo(), new Date())).toBe(false)
  })

  it('finds a message whose answer was lost or came too late', async () => {
    await plan({ mode: 'lose' })
    await plan({ mode: 'delay', delayMs: 500 })
    for (const one of [message(), message()]) {
      await expect(aliyun({ readTimeoutMs: 100 }).send(one)).rejects.toThrow('not known')
      expect(await aliyun().wasSent(one, minuteAgo(), new Date())).toBe(true)
      expect(await arrived(one.id)).toHaveLength(1)
    }
  })

  it('finds a message among many to the same number, and of yesterday', async () => {
    const one = message({ phone: '+8613900139000' })
    await aliyun().send(one)
    for (let i = 0; i < 60; i += 1) await aliyun().send(message({ phone: one.phone }))
    expect(await aliyun().wasSent(one, new Date(Date.now() - 86_400_000), new Date())).toBe(true)
    expect(await aliyun().wasSent(one, new Date(0), new Date(1))).toBe(false)
  })

  it('cannot tell what was sent when it cannot be reached', async () => {
    const unreachable = aliyun({ gatewayUrl: 'http://127.0.0.1:1' })
    await expect(unreachable.wasSent(message(), minuteAgo(), new Date())).rejects.toThrow()
  })
})

describe('the sandbox', () => {
  it('takes a request once', async () => {
    let seen: { url: string; headers: Record<string, string> } | undefined
    sandbox.server.once('request', (request) => {
      seen = { url: request.url ?? '', headers: request.headers as Record<string, string> }
    })
    await aliyun().send(message())
    const again = await fetch(new URL(seen?.url ?? '', gatewayUrl), {
      method: 'POST',
      headers: Object.fromEntries(
        Object.entries(seen?.headers ?? {}).filter(
          ([name]) => !['connection', 'content-length'].includes(name),
        ),
      ),
    })
    expect(again.status).toBe(400)
    expect(await again.json()).toMatchObject({ Code: 'SignatureNonceUsed' })
  })

  it('refuses what is not signed, and shows a page to people', async () => {
    expect((await sandbox.inject({ method: 'POST', url: '/?Action=SendSms' })).json()).toMatchObject({
      Code: 'IncompleteSignature',
    })
    expect((await sandbox.inject({ url: '/' })).body).toContain('短信沙箱')
    expect((await sandbox.inject({ url: '/page.js' })).statusCode).toBe(200)
  })
})
