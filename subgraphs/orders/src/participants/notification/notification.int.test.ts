import { randomUUID } from 'node:crypto'
import { createMessage, type AnyEvent } from '@mall/contracts'
import { createSandbox, type SentMessage } from '@mall/sandbox-sms'
import { createTestDatabase, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config.ts'
import { createDatabase, type Database } from '../../data/database.ts'
import { createAliyunProvider } from './aliyun-provider.ts'
import { createNotificationRepository } from './notification-repository.ts'
import { createNotificationParticipant, oldNewsMs } from './participant.ts'
import type { SmsProvider } from './provider.ts'
import { createOrderRecipients } from './recipients.ts'
import { claimMs, createNotificationSender } from './sender.ts'

const config = loadConfig({}).sms
const sandbox = createSandbox({
  accessKey: { id: config.aliyun.accessKeyId, secret: config.aliyun.accessKeySecret },
  signName: config.aliyun.signName,
})
let database: TestDatabase
let db: Database
let provider: SmsProvider
let now: Date
let lastId = 1_000n
let givenUp: string[]

beforeAll(async () => {
  database = await createTestDatabase('orders')
  db = createDatabase({ url: database.url, poolSize: 5 })
  const gatewayUrl = await sandbox.listen({ host: '127.0.0.1', port: 0 })
  provider = createAliyunProvider({ ...config.aliyun, gatewayUrl, readTimeoutMs: 1_000 })
})
beforeEach(async () => {
  await db.notification.deleteMany()
  await sandbox.inject({ method: 'DELETE', url: '/messages' })
  await sandbox.inject({ method: 'DELETE', url: '/faults' })
  now = new Date()
  givenUp = []
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
  await sandbox.close()
})

/** One instance of orders: its participant and its sender. */
function instance(changes: { provider?: SmsProvider; hasProvider?: boolean } = {}) {
  const notifications = createNotificationRepository(db)
  const clock = () => now
  return {
    ...createNotificationParticipant({ notifications, clock, hasProvider: changes.hasProvider ?? true }),
    ...createNotificationSender({
      notifications,
      clock,
      recipients: createOrderRecipients(db),
      provider: changes.provider ?? provider,
      giveUp: ({ kind }, reason) => void givenUp.push(`${kind} ${reason}`),
      maxAttempts: 4,
      retryAfterMs: 10_000,
    }),
  }
}

async function order(phone = '+8613800138000'): Promise<string> {
  const id = (lastId += 1n)
  await db.order.create({
    data: {
      id,
      customerId: 'shopper',
      idempotencyKey: randomUUID(),
      inputHash: 'hash',
      status: 'CONFIRMED',
      lines: [],
      total: 1,
      currency: 'CNY',
      shippingAddress: { phone },
      paymentMethod: 'SANDBOX',
      saga: {},
      version: 1,
      correlationId: randomUUID(),
      placedAt: now,
      updatedAt: now,
      deadlineAt: now,
    },
  })
  return String(id)
}

/** The same news under a new event id each time, as the saga manager tells it again. */
const news = {
  confirmed: (orderId: string): AnyEvent =>
    createMessage('order-confirmed', {
      orderId,
      customerId: 'shopper',
      lines: [{ skuId: 'mug', productId: 'mugs', quantity: 1 }],
    }).event,
  cancelled: (orderId: string): AnyEvent =>
    createMessage('order-cancelled', { orderId, customerId: 'shopper', reason: 'Changed my mind.' }).event,
  shipped: (orderId: string): AnyEvent =>
    createMessage('order-shipped', { orderId, customerId: 'shopper', trackingNumber: 'SF1' }).event,
  refunded: (orderId: string, refundId: string): AnyEvent =>
    createMessage('order-refunded', {
      orderId,
      customerId: 'shopper',
      refundId,
      amount: 1_050,
      currency: 'CNY',
      isFull: false,
    }).event,
}

const sent = async () => (await sandbox.inject('/messages')).json<SentMessage[]>()
const plan = (fault: object) =>
  sandbox.inject({ method: 'POST', url: '/faults', payload: JSON.stringify(fault) })
const rows = () =>
  db.notification.findMany({ orderBy: [{ orderId: 'asc' }, { kind: 'asc' }, { ref: 'asc' }] })
const pass = (ms: number) => void (now = new Date(now.getTime() + ms))

describe('the notification participant', () => {
  it('tells once of each event, however often and wherever it comes', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => order()))
    const instances = [instance(), instance(), instance()]
    await Promise.all(
      instances.map(async ({ handle, sendDue }) => {
        await handle([...ids, ...ids].map(news.confirmed))
        await handle(ids.map(news.shipped))
        while ((await sendDue(7)) > 0);
      }),
    )
    await Promise.all(instances.map(({ sendDue }) => sendDue(100)))
    const messages = await sent()
    expect(messages).toHaveLength(60)
    expect(new Set(messages.map(({ outId }) => outId)).size).toBe(60)
    const all = await rows()
    expect(
      all.every(
        ({ status, attempts, providerMessageId }) => status === 'SENT' && attempts === 1 && providerMessageId,
      ),
    ).toBe(true)
  })

  it('tells of each refund, with its amount', async () => {
    const id = await order()
    const { handle, sendDue } = instance()
    await handle([news.refunded(id, 'a'), news.refunded(id, 'b'), news.refunded(id, 'a')])
    await handle([news.refunded(id, 'b')])
    await sendDue(10)
    expect((await sent()).map(({ content }) => content)).toEqual(
      Array(2).fill(`您的订单${id}已退款10.50元，款项将原路退回。`),
    )
  })

  it('writes to other countries in English', async () => {
    const id = await order('+12125550123')
    const { handle, sendDue } = instance()
    await handle([news.confirmed(id)])
    await sendDue(10)
    expect(await sent()).toMatchObject([
      { phone: '12125550123', content: expect.stringContaining('is confirmed') },
    ])
  })

  it('says nothing of a confirmation that a cancellation overtook', async () => {
    const id = await order()
    const { handle, sendDue } = instance()
    await handle([news.cancelled(id), news.shipped(id)])
    await sendDue(10)
    await handle([news.confirmed(id)])
    await sendDue(10)
    expect((await rows()).map(({ kind, status }) => [kind, status])).toEqual([
      ['order-cancelled', 'SENT'],
      ['order-confirmed', 'RECORDED'],
      ['order-shipped', 'SENT'],
    ])
    expect(await sent()).toHaveLength(2)
  })

  it('only remembers without a provider, and what is old news', async () => {
    await instance({ hasProvider: false }).handle([news.confirmed(await order())])
    const old = news.confirmed(await order())
    pass(oldNewsMs + 60_000)
    const { handle, sendDue } = instance()
    await handle([old])
    expect(await sendDue(10)).toBe(0)
    expect(await rows()).toMatchObject(Array(2).fill({ status: 'RECORDED', attempts: 0 }))
  })
})

describe('the sender', () => {
  it('tries again, each time after twice as long, until it works', async () => {
    await plan({ mode: 'throttle', times: 2 })
    const { handle, sendDue } = instance()
    await handle([news.confirmed(await order())])
    expect(await sendDue(10)).toBe(1)
    expect(await rows()).toMatchObject([
      {
        status: 'PENDING',
        attempts: 1,
        uncertainSince: null,
        error: expect.stringContaining('LIMIT_CONTROL'),
      },
    ])
    for (const wait of [10_000, 20_000]) {
      pass(wait - 1)
      expect(await sendDue(10)).toBe(0)
      pass(1)
      expect(await sendDue(10)).toBe(1)
    }
    expect(await rows()).toMatchObject([{ status: 'SENT', attempts: 3, error: null, nextAttemptAt: null }])
    expect(await sent()).toHaveLength(1)
  })

  it('gives up after the last attempt and says so once', async () => {
    await plan({ mode: 'throttle', times: 100 })
    const { handle, sendDue } = instance()
    await handle([news.confirmed(await order())])
    for (let i = 0; i < 8; i += 1) {
      await sendDue(10)
      pass(3_600_000)
    }
    expect(await rows()).toMatchObject([{ status: 'FAILED', attempts: 4, nextAttemptAt: null }])
    expect(givenUp).toEqual([expect.stringContaining('order-confirmed isv.BUSINESS_LIMIT_CONTROL')])
  })

  it('gives up at once what is no number, and goes on with the others', async () => {
    const { handle, sendDue } = instance()
    await handle([news.confirmed(await order('call me')), news.confirmed(await order())])
    await sendDue(10)
    expect((await rows()).map(({ status }) => status)).toEqual(['FAILED', 'SENT'])
    expect(givenUp).toHaveLength(1)
  })

  it('does not send again what arrived although its answer was lost', async () => {
    await plan({ mode: 'lose' })
    const { handle, sendDue } = instance()
    await handle([news.confirmed(await order())])
    await sendDue(10)
    expect(await rows()).toMatchObject([{ status: 'PENDING', uncertainSince: now }])
    pass(10_000)
    await sendDue(10)
    expect(await rows()).toMatchObject([{ status: 'SENT', attempts: 2, uncertainSince: null }])
    expect(await sent()).toHaveLength(1)
  })

  it('does not send again what another had sent before it was killed', async () => {
    await instance().handle([news.confirmed(await order())])
    let killed = () => {}
    const send = async (...message: Parameters<SmsProvider['send']>) => {
      await provider.send(...message)
      killed()
      return new Promise<never>(() => {})
    }
    await new Promise<void>((resolve) => {
      killed = resolve
      void instance({ provider: { ...provider, send } }).sendDue(10)
    })
    expect(await instance().sendDue(10)).toBe(0)
    pass(claimMs)
    expect(await instance().sendDue(10)).toBe(1)
    expect(await rows()).toMatchObject([{ status: 'SENT', attempts: 2 }])
    expect(await sent()).toHaveLength(1)
  })

  it('waits while it cannot be told whether a message was sent', async () => {
    const wasSent = () => Promise.reject(new Error('unreachable'))
    await plan({ mode: 'lose' })
    const { handle, sendDue } = instance({ provider: { ...provider, wasSent } })
    await handle([news.confirmed(await order())])
    const since = now
    await sendDue(10)
    pass(10_000)
    await sendDue(10)
    expect(await rows()).toMatchObject([{ status: 'PENDING', attempts: 2, uncertainSince: since }])
    expect(await sent()).toHaveLength(1)
  })

  it('believes a slow attempt that it was sent, and nothing else once another has taken over', async () => {
    const notifications = createNotificationRepository(db)
    await instance().handle([news.confirmed(await order())])
    const [slow] = await notifications.claim({ now, until: now, limit: 1 })
    const [other] = await notifications.claim({ now, until: now, limit: 1 })
    if (!slow || !other) throw new Error('nothing was claimed')
    await notifications.settle([{ notice: slow, status: 'FAILED', error: 'late' }], now)
    expect(await rows()).toMatchObject([{ status: 'PENDING', attempts: 2 }])
    await notifications.settle([{ notice: slow, status: 'SENT', messageId: 'm' }], now)
    await notifications.settle([{ notice: other, status: 'FAILED', error: 'x' }], now)
    expect(await rows()).toMatchObject([{ status: 'SENT', providerMessageId: 'm' }])
  })
})
