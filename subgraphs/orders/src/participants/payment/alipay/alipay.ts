import { AlipaySdk } from 'alipay-sdk'
import { z } from 'zod'
import type { Initiated, PaymentProvider, PaymentRequest, RefundRequest, Standing } from '../provider.ts'
import { fenOf, isPayable, yuanOf } from './amounts.ts'
import { chinaTime } from './china-time.ts'
import { readAlipayNotice, standingOf } from './notice.ts'
import type { AlipaySettings } from './settings.ts'

/** Alipay did not do what it was asked. `code` is Alipay's, such as `ACQ.SYSTEM_ERROR`. */
export class AlipayError extends Error {
  override readonly name = 'AlipayError'
  readonly code: string

  constructor(method: string, { code, subCode, subMsg, msg }: Answer) {
    super(`${method}: ${subMsg ?? msg ?? 'refused'} (${subCode ?? code})`)
    this.code = subCode ?? code
  }
}

/** The fields of answers that are read. All answers are verified before. */
const answer = z.object({
  code: z.string(),
  msg: z.string().optional(),
  subCode: z.string().optional(),
  subMsg: z.string().optional(),
  outTradeNo: z.string().optional(),
  tradeStatus: z.string().optional(),
  totalAmount: z.string().optional(),
  qrCode: z.url().optional(),
  fundChange: z.string().optional(),
  refundStatus: z.string().optional(),
  refundAmount: z.string().optional(),
})
type Answer = z.infer<typeof answer>

const notExisting = ['ACQ.TRADE_NOT_EXIST']
const notOpen = ['ACQ.TRADE_STATUS_ERROR', 'ACQ.REASON_TRADE_STATUS_INVALID', 'ACQ.REASON_ILLEGAL_STATUS']

/** Payment by Alipay, through its own library. `out_trade_no` is the order's id, so an order has one trade. */
export function createAlipayProvider(
  settings: AlipaySettings,
  clock: () => Date = () => new Date(),
): PaymentProvider {
  const { appId, sellerId, gatewayUrl, notifyUrl, returnUrl, mode, payableForMs, timeoutMs } = settings
  const libraryAt = (gateway: string) =>
    new AlipaySdk({
      appId,
      gateway,
      privateKey: settings.privateKey,
      keyType: 'PKCS8',
      alipayPublicKey: settings.alipayPublicKey,
      signType: 'RSA2',
      timeout: timeoutMs,
    })
  const sdk = libraryAt(gatewayUrl)
  const pages = libraryAt(settings.pageUrl)

  return {
    async initiate(request): Promise<Initiated> {
      const { currency, amount } = request
      if (currency !== 'CNY') return refused(`Alipay takes CNY, not ${currency}.`)
      if (!isPayable(amount)) return refused('Alipay takes ¥0.01 to ¥100,000,000.00.')
      return mode === 'page' ? { status: 'INITIATED', redirectUrl: payPage(request) } : showCode(request)
    },

    async refund(request) {
      const { orderId, refundId, amount } = request
      const method = 'alipay.trade.refund'
      const done = await ask(method, {
        out_trade_no: orderId,
        refund_amount: yuanOf(amount),
        out_request_no: refundId,
        refund_reason: `Order ${orderId}`,
      })
      if (done.code !== '10000') throw new AlipayError(method, done)
      // N also means "nothing new", because it was refunded when it was asked the first time.
      if (done.fundChange !== 'Y' && !(await isRefunded(request)))
        throw new Error(`Alipay has not moved the money of refund ${refundId} of order ${orderId} yet.`)
    },

    async close(request): Promise<Exclude<Standing, 'OPEN'>> {
      const method = 'alipay.trade.close'
      const closed = await ask(method, { out_trade_no: request.orderId })
      if (closed.code === '10000') return 'CLOSED'
      if (notExisting.includes(closed.subCode ?? '')) return 'UNKNOWN'
      if (!notOpen.includes(closed.subCode ?? '')) throw new AlipayError(method, closed)
      const standing = await query(request)
      if (standing === 'OPEN') throw new AlipayError(method, closed)
      return standing
    },

    redirect: {
      payableForMs,
      query,
      readNotice: (body) =>
        readAlipayNotice(body, {
          appId,
          sellerId,
          verify: (parameters) => sdk.checkNotifySignV2(parameters),
        }),
    },
  }

  async function query({ orderId, amount }: PaymentRequest): Promise<Standing> {
    const method = 'alipay.trade.query'
    const found = await ask(method, { out_trade_no: orderId })
    if (notExisting.includes(found.subCode ?? '')) return 'UNKNOWN'
    if (found.code !== '10000') throw new AlipayError(method, found)
    if (found.outTradeNo !== orderId || fenOf(found.totalAmount ?? '') !== amount)
      throw new Error(
        `Alipay answered for ${found.outTradeNo} with ${found.totalAmount} when asked for ${orderId}`,
      )
    return standingOf(found.tradeStatus ?? '')
  }

  async function isRefunded({ orderId, refundId, amount }: RefundRequest): Promise<boolean> {
    const method = 'alipay.trade.fastpay.refund.query'
    const found = await ask(method, { out_trade_no: orderId, out_request_no: refundId })
    if (found.code !== '10000') throw new AlipayError(method, found)
    return found.refundStatus === 'REFUND_SUCCESS' && fenOf(found.refundAmount ?? '') === amount
  }

  function payPage(request: PaymentRequest): string {
    return pages.pageExecute('alipay.trade.page.pay', 'GET', {
      timestamp: chinaTime(clock()),
      notify_url: notifyUrl,
      return_url: returnUrl.replace('{orderId}', request.orderId),
      bizContent: { ...tradeOf(request), product_code: 'FAST_INSTANT_TRADE_PAY' },
    })
  }

  async function showCode(request: PaymentRequest): Promise<Initiated> {
    const method = 'alipay.trade.precreate'
    const made = await ask(method, tradeOf(request), { notify_url: notifyUrl })
    if (made.subCode === 'ACQ.TRADE_HAS_SUCCESS') return { status: 'SUCCEEDED' }
    if (made.subCode === 'ACQ.TRADE_HAS_CLOSE') return refused('The payment was closed.')
    if (made.code !== '10000' || made.qrCode === undefined) throw new AlipayError(method, made)
    return { status: 'INITIATED', redirectUrl: made.qrCode }
  }

  function tradeOf({ orderId, amount }: PaymentRequest) {
    return {
      out_trade_no: orderId,
      total_amount: yuanOf(amount),
      subject: `Mall ${orderId}`,
      time_expire: chinaTime(new Date(clock().getTime() + payableForMs)),
    }
  }

  async function ask(method: string, bizContent: object, more: object = {}): Promise<Answer> {
    const parameters = { ...more, timestamp: chinaTime(clock()), bizContent: { ...bizContent } }
    return answer.parse(await sdk.exec(method, parameters, { validateSign: true }))
  }
}

const refused = (reason: string) => ({ status: 'FAILED', reason }) as const
