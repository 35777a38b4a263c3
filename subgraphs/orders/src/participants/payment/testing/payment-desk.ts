import { setTimeout as sleep } from 'node:timers/promises'
import { createMessage, type Message } from '@mall/contracts'
import { developmentKeys, developmentMerchant, startSandbox, type RunningSandbox } from '@mall/sandbox-alipay'
import { createLogger } from '@mall/service/logger'
import { createMetrics } from '@mall/service/metrics'
import { createTestDatabase, eventually } from '@mall/testing'
import { fastify } from 'fastify'
import { createDatabase } from '../../../data/database.ts'
import { servePaymentNotices } from '../../../rest/payment-notices.ts'
import { alipaySettings } from '../alipay/settings.ts'
import { assemblePayment } from '../assemble.ts'

/** Payment as orders have it, with a database, the route for notifies and an Alipay sandbox; all of its own. */
export type PaymentDesk = Awaited<ReturnType<typeof openPaymentDesk>>

/** @param retryAfterMs when the sandbox sends a notify again that was not taken */
export async function openPaymentDesk({ retryAfterMs = [100, 200, 400] } = {}) {
  const logger = createLogger({ name: 'payment-desk', level: 'silent' })
  const metrics = createMetrics()
  const database = await createTestDatabase('orders')
  const db = createDatabase({ url: database.url, poolSize: 10 })
  let aheadMs = 0
  const clock = () => new Date(Date.now() + aheadMs)
  const sandbox = await startSandbox({
    listen: { host: '127.0.0.1', port: 0 },
    keys: developmentKeys(),
    merchant: developmentMerchant,
    retryAfterMs,
    logger,
    clock,
  })
  const sent: Message[] = []
  const alarms: bigint[] = []
  let isBrokerAway = false

  const app = fastify({ logger: false, forceCloseConnections: true })
  await servePaymentNotices(app, (method, body) => payment.takeNotice(method, body))
  const routeUrl = await app.listen({ host: '127.0.0.1', port: 0 })
  const notifyUrl = `${routeUrl}/payments/alipay/notify`
  const assemble = (mode: 'page' | 'qr') =>
    assemblePayment({
      config: {
        isProduction: false,
        payments: {
          queryAfterMs: 5_000,
          alipay: alipaySettings(
            { ALIPAY_GATEWAY_URL: `${sandbox.url}/gateway.do`, ALIPAY_NOTIFY_URL: notifyUrl },
            { isProduction: false, mode, timeoutMs: 2_000, payableForMs: 600_000 },
          ),
        },
      },
      db,
      logger,
      metrics: mode === 'page' ? metrics : createMetrics(),
      clock,
      alarm: (orderId) => void alarms.push(orderId),
      publish: async (messages) => {
        if (isBrokerAway) throw new Error('the broker is away')
        sent.push(...messages)
      },
    })
  const payment = assemble('page')
  const byCode = assemble('qr')

  return {
    db,
    sandbox,
    notifyUrl,
    payment,
    byCode,
    alarms,
    /** What was said of an order, by type. */
    said: (orderId: bigint) =>
      sent.filter(({ key }) => key === String(orderId)).map(({ event }) => event.type),
    sentOf: (orderId: bigint) => sent.filter(({ key }) => key === String(orderId)).map(({ event }) => event),
    breakBroker: (isAway: boolean) => void (isBrokerAway = isAway),
    row: (orderId: bigint) => db.payment.findUniqueOrThrow({ where: { orderId } }),
    trade: (orderId: bigint) => sandbox.trades().find(({ outTradeNo }) => outTradeNo === String(orderId)),
    notices: async (outcome: string) => {
      const { values } = await metrics.getSingleMetric('mall_payment_notices_total')!.get()
      return values.find(({ labels }) => labels.outcome === outcome)?.value ?? 0
    },

    /** Stock is held for a new order: it is to be paid. */
    async begin(amount = 3_980, assembled = payment): Promise<bigint> {
      const orderId = BigInt(Date.now()) * 1_000_000n + BigInt(Math.floor(Math.random() * 1e6))
      await assembled.participant.handle([reserved(orderId, amount)])
      return orderId
    },
    reserve: (orderId: bigint) => payment.participant.handle([reserved(orderId, 3_980)]),
    close: (orderId: bigint) =>
      payment.participant.handle([
        createMessage('payment-close', { orderId: String(orderId), reason: 'cancelled' }).event,
      ]),

    statusOf: async (orderId: bigint) => (await db.payment.findUniqueOrThrow({ where: { orderId } })).status,
    refundsOf: (orderId: bigint) => [
      ...(sandbox.trades().find(({ outTradeNo }) => outTradeNo === String(orderId))?.refunds ?? []),
    ],
    becomes: (orderId: bigint, status: string) =>
      eventually(
        `payment ${orderId} is ${status}`,
        async () => (await db.payment.findUniqueOrThrow({ where: { orderId } })).status === status,
        { timeoutMs: 8_000 },
      ),
    /** The sandbox does everything as the real one again. */
    calm: () => fetch(`${sandbox.url}/sandbox/switches`, { method: 'DELETE' }),

    /** The shopper opens the page. */
    async open(orderId: bigint): Promise<string> {
      const { redirectUrl } = await db.payment.findUniqueOrThrow({ where: { orderId } })
      return (await fetch(redirectUrl ?? '')).text()
    },

    /** Looks at payments as if some time had passed. */
    async sweepAfter(ms: number): Promise<void> {
      aheadMs += ms
      while ((await payment.sweep.sweep(20)) > 0) await sleep(1)
    },

    /** Two instances look at once: how many payments were due, and how many both had together. */
    async sweepTogether(ms: number): Promise<{ due: number; taken: number }> {
      aheadMs += ms
      const due = await db.payment.count({ where: { checkAt: { lte: clock() } } })
      const [one, other] = await Promise.all([payment.sweep.sweep(100), byCode.sweep.sweep(100)])
      return { due, taken: one + other }
    },

    async [Symbol.asyncDispose](): Promise<void> {
      await sandbox.close()
      await app.close()
      await db.$disconnect()
      await database.drop()
    },
  }
}

/** The shopper decides on the page that was opened; answers with where the browser goes then. */
export async function decide(
  sandbox: RunningSandbox,
  page: string,
  decision: 'pay' | 'cancel',
): Promise<string | null> {
  const [, tradeNo = ''] = /name="trade_no" value="(\d+)"/.exec(page) ?? []
  const answer = await fetch(`${sandbox.url}/sandbox/pay`, {
    method: 'POST',
    body: new URLSearchParams({ trade_no: tradeNo, decision }),
    redirect: 'manual',
  })
  return answer.headers.get('location')
}

const reserved = (orderId: bigint, amount: number) =>
  createMessage('stock-reserved', {
    orderId: String(orderId),
    lines: [{ skuId: 'mug', productId: 'mugs', quantity: 2 }],
    payment: { method: 'ALIPAY', amount, currency: 'CNY' },
    destination: { region: 'Shanghai', city: 'Shanghai' },
  }).event
