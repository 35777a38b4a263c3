import { z } from 'zod'
import { fenOf, yuanOf } from './amount.ts'
import { failure, isFailure, type Failure } from './failures.ts'
import type { Parameters } from './authenticate.ts'
import { takeOne, type Switches } from './switches.ts'
import { fromChinaTime } from './time.ts'
import { refundedOf, type Trade, type Trades } from './trades.ts'

/** What the methods work on. */
export interface Desk {
  trades: Trades
  switches: Switches
  /** Tells the merchant how a trade now stands. */
  notify(trade: Trade, refund?: { outRequestNo: string }): void
  /** The address that a QR code stands for. */
  payUrlOf(trade: Trade): string
}

/** The fields of an answer; codes are added. */
export type Answer = Record<string, string>

const tradeContent = z.object({
  out_trade_no: z.string().regex(/^\w{1,64}$/),
  total_amount: z.string(),
  subject: z.string().min(1).max(256),
  product_code: z.string().optional(),
  time_expire: z.string().optional(),
})
const tradeNumber = z.object({ out_trade_no: z.string().min(1) })
const refundContent = tradeNumber.extend({
  refund_amount: z.string(),
  out_request_no: z.string().min(1).max(64),
})
const refundNumber = tradeNumber.extend({ out_request_no: z.string().min(1) })

/** Opens the trade of a request; the same for a page and a QR code. */
export function openTrade(parameters: Parameters, trades: Trades): Trade | Failure {
  const content = read(tradeContent, parameters)
  const total = content && fenOf(content.total_amount)
  const expiresAt = content?.time_expire === undefined ? null : fromChinaTime(content.time_expire)
  if (!total || (content.time_expire !== undefined && expiresAt === null))
    return failure('isv.invalid-parameter')
  return trades.open({
    outTradeNo: content.out_trade_no,
    total,
    subject: content.subject,
    notifyUrl: parameters.notify_url ?? null,
    returnUrl: parameters.return_url ?? null,
    expiresAt,
  })
}

/** What servers ask, by method name: https://opendocs.alipay.com/open/028r8t and its neighbours. */
export const methods: Record<string, (parameters: Parameters, desk: Desk) => Answer | Failure> = {
  'alipay.trade.precreate': (parameters, { trades, payUrlOf }) => {
    const trade = openTrade(parameters, trades)
    return isFailure(trade) ? trade : { out_trade_no: trade.outTradeNo, qr_code: payUrlOf(trade) }
  },

  'alipay.trade.query': (parameters, { trades }) => {
    const trade = findTrade(parameters, trades)
    return isFailure(trade)
      ? trade
      : {
          ...numbersOf(trade),
          trade_status: trade.status,
          total_amount: yuanOf(trade.total),
          buyer_logon_id: 'san***@sandbox.test',
        }
  },

  'alipay.trade.close': (parameters, { trades, notify }) => {
    const trade = findTrade(parameters, trades)
    const refusal = isFailure(trade) ? trade : trades.close(trade)
    if (refusal || isFailure(trade)) return refusal ?? failure('ACQ.SYSTEM_ERROR')
    notify(trade)
    return numbersOf(trade)
  },

  'alipay.trade.refund': (parameters, { trades, switches, notify }) => {
    const content = read(refundContent, parameters)
    const amount = content && fenOf(content.refund_amount)
    if (!amount) return failure('isv.invalid-parameter')
    const trade = findTrade(parameters, trades)
    if (isFailure(trade)) return trade
    if (takeOne(switches, 'failRefunds')) return failure('ACQ.SYSTEM_ERROR')
    const result = trades.refund(trade, content.out_request_no, amount)
    if (isFailure(result)) return result
    if (result.moved) notify(trade, { outRequestNo: content.out_request_no })
    return {
      ...numbersOf(trade),
      fund_change: result.moved ? 'Y' : 'N',
      refund_fee: yuanOf(refundedOf(trade)),
    }
  },

  'alipay.trade.fastpay.refund.query': (parameters, { trades }) => {
    const content = read(refundNumber, parameters)
    if (!content) return failure('isv.invalid-parameter')
    const trade = findTrade(parameters, trades)
    if (isFailure(trade)) return trade
    const amount = trade.refunds.get(content.out_request_no)
    if (amount === undefined) return {}
    return {
      ...numbersOf(trade),
      out_request_no: content.out_request_no,
      total_amount: yuanOf(trade.total),
      refund_amount: yuanOf(amount),
      refund_status: 'REFUND_SUCCESS',
    }
  },
}

function findTrade(parameters: Parameters, trades: Trades): Trade | Failure {
  const content = read(tradeNumber, parameters)
  if (!content) return failure('isv.invalid-parameter')
  return trades.find(content.out_trade_no) ?? failure('ACQ.TRADE_NOT_EXIST')
}

const numbersOf = ({ outTradeNo, tradeNo }: Trade) => ({ out_trade_no: outTradeNo, trade_no: tradeNo })

function read<Schema extends z.ZodType>(
  schema: Schema,
  { biz_content: text }: Parameters,
): z.infer<Schema> | null {
  try {
    return schema.parse(JSON.parse(text ?? ''))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null
    throw error
  }
}
