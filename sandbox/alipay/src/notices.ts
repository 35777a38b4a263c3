import { generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@mall/service/logger'
import { yuanOf } from './amount.ts'
import { contentOf, sign } from './signing.ts'
import { takeOne, type Switches } from './switches.ts'
import { chinaTime } from './time.ts'
import { refundedOf, type Trade } from './trades.ts'

/** Sends notifies to merchants, and again until they say `success`. */
export type Notices = ReturnType<typeof createNotices>

export interface NoticeOptions {
  merchant: { appId: string; sellerId: string }
  key: KeyObject
  switches: Switches
  /** How long to wait before each further try, in milliseconds. The real one: 4 m, 10 m, 10 m, 1 h, 2 h, 6 h, 15 h. */
  retryAfterMs: readonly number[]
  logger: Logger
}

interface Waiting {
  url: string
  body: string
}

const reorderWithinMs = 500
const answerWithinMs = 10_000

export function createNotices({ merchant, key, switches, retryAfterMs, logger }: NoticeOptions) {
  const stopped = new AbortController()
  const { signal } = stopped
  const kept = new Map<string, Waiting[]>()
  const sending = new Set<Promise<void>>()
  let strangerKey: KeyObject | undefined

  return {
    /** Tells the merchant how a trade now stands; what becomes of it nobody waits for. */
    tell(trade: Trade, refund?: { outRequestNo: string }): void {
      const url = trade.notifyUrl
      if (url === null || takeOne(switches, 'dropNotifies')) return
      const waiting = { url, body: bodyOf(trade, refund) }
      if (!switches.reorderNotifies) return start(() => sendSome(waiting))
      const others = kept.get(trade.tradeNo)
      if (others) return void others.unshift(waiting)
      kept.set(trade.tradeNo, [waiting])
      start(() => sendKept(trade.tradeNo))
    },

    /** Sends nothing more. */
    async stop(): Promise<void> {
      stopped.abort()
      await Promise.all(sending)
    },
  }

  function start(send: () => Promise<void>): void {
    const task = send().catch((error: unknown) => {
      if (!signal.aborted) logger.warn({ error }, 'a notify could not be sent')
    })
    sending.add(task)
    void task.finally(() => sending.delete(task))
  }

  async function sendKept(tradeNo: string): Promise<void> {
    await sleep(reorderWithinMs, undefined, { signal })
    const all = kept.get(tradeNo) ?? []
    kept.delete(tradeNo)
    for (const waiting of all) await sendSome(waiting)
  }

  async function sendSome(waiting: Waiting): Promise<void> {
    await sleep(switches.notifyDelayMs, undefined, { signal })
    await Promise.all(Array.from({ length: switches.notifyCopies }, () => sendUntilTaken(waiting)))
  }

  async function sendUntilTaken(waiting: Waiting): Promise<void> {
    for (const wait of [...retryAfterMs, null]) {
      if (await isTaken(waiting)) return
      if (wait !== null) await sleep(wait, undefined, { signal })
    }
    logger.warn({ url: waiting.url }, 'nobody took a notify')
  }

  async function isTaken({ url, body }: Waiting): Promise<boolean> {
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body,
        signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
      })
      return (await answer.text()).trim() === 'success'
    } catch (error) {
      logger.info({ error, url }, 'the merchant cannot be reached')
      return false
    }
  }

  function bodyOf(trade: Trade, refund?: { outRequestNo: string }): string {
    const now = new Date()
    const paid = yuanOf(trade.total + (switches.wrongAmount ? 1n : 0n))
    const parameters = {
      notify_time: chinaTime(now),
      notify_type: 'trade_status_sync',
      notify_id: randomUUID().replaceAll('-', ''),
      charset: 'utf-8',
      version: '1.0',
      app_id: merchant.appId,
      auth_app_id: merchant.appId,
      seller_id: merchant.sellerId,
      out_trade_no: trade.outTradeNo,
      trade_no: trade.tradeNo,
      trade_status: trade.status,
      subject: trade.subject,
      total_amount: paid,
      gmt_create: chinaTime(trade.createdAt),
      ...(trade.paidAt && {
        gmt_payment: chinaTime(trade.paidAt),
        receipt_amount: paid,
        buyer_pay_amount: paid,
        invoice_amount: paid,
        point_amount: '0.00',
        fund_bill_list: JSON.stringify([{ amount: paid, fundChannel: 'ALIPAYACCOUNT' }]),
      }),
      ...(refund && {
        gmt_refund: chinaTime(now),
        refund_fee: yuanOf(refundedOf(trade)),
        out_biz_no: refund.outRequestNo,
      }),
      ...(trade.closedAt && { gmt_close: chinaTime(trade.closedAt) }),
      buyer_id: '2088000000009999',
      buyer_logon_id: 'san***@sandbox.test',
    }
    const content = contentOf(parameters, ['sign', 'sign_type'])
    return String(
      new URLSearchParams({ ...parameters, sign_type: 'RSA2', sign: sign(content, signingKey()) }),
    )
  }

  function signingKey(): KeyObject {
    if (!switches.forgeNotifies) return key
    strangerKey ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    return strangerKey
  }
}
