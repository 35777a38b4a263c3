import { randomInt } from 'node:crypto'
import { failure, type Failure } from './failures.ts'

/** How a trade stands. A refund of all of it closes it, as the real one does. */
export type TradeStatus = 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_CLOSED'

/** What a merchant asked to be paid. Amounts in fen. */
export interface TradeRequest {
  outTradeNo: string
  total: bigint
  subject: string
  notifyUrl: string | null
  returnUrl: string | null
  /** From when on it can no longer be paid. */
  expiresAt: Date | null
}

/** A trade at the sandbox. */
export interface Trade extends TradeRequest {
  tradeNo: string
  status: TradeStatus
  createdAt: Date
  paidAt: Date | null
  closedAt: Date | null
  refunds: Map<string, bigint>
}

/** All trades, in memory: they are gone with the process. */
export type Trades = ReturnType<typeof createTrades>

export const refundedOf = ({ refunds }: Trade): bigint =>
  [...refunds.values()].reduce((sum, amount) => sum + amount, 0n)

export function createTrades(clock: () => Date) {
  const byOutTradeNo = new Map<string, Trade>()

  const expire = (trade: Trade): Trade => {
    const isOver = trade.expiresAt !== null && trade.expiresAt <= clock()
    if (isOver && trade.status === 'WAIT_BUYER_PAY') Object.assign(trade, closedAt(clock()))
    return trade
  }
  const find = (outTradeNo: string): Trade | undefined => {
    const trade = byOutTradeNo.get(outTradeNo)
    return trade && expire(trade)
  }

  return {
    find,
    all: (): Trade[] => [...byOutTradeNo.values()].map(expire),
    findByTradeNo: (tradeNo: string): Trade | undefined =>
      [...byOutTradeNo.values()].map(expire).find((trade) => trade.tradeNo === tradeNo),

    /** Opens a trade, or answers with the one that is open under its number. */
    open(request: TradeRequest): Trade | Failure {
      const earlier = find(request.outTradeNo)
      if (earlier?.status === 'TRADE_SUCCESS') return failure('ACQ.TRADE_HAS_SUCCESS')
      if (earlier?.status === 'TRADE_CLOSED') return failure('ACQ.TRADE_HAS_CLOSE')
      if (earlier && earlier.total !== request.total) return failure('ACQ.CONTEXT_INCONSISTENT')
      if (earlier) return Object.assign(earlier, request)
      const trade: Trade = {
        ...request,
        tradeNo: `${chinaDate(clock())}22001${String(randomInt(1e12)).padStart(12, '0')}`,
        status: 'WAIT_BUYER_PAY',
        createdAt: clock(),
        paidAt: null,
        closedAt: null,
        refunds: new Map(),
      }
      byOutTradeNo.set(trade.outTradeNo, trade)
      return expire(trade)
    },

    /** The buyer pays. */
    pay(trade: Trade): Failure | null {
      if (trade.status !== 'WAIT_BUYER_PAY') return failure('ACQ.TRADE_STATUS_ERROR')
      Object.assign(trade, { status: 'TRADE_SUCCESS', paidAt: clock() })
      return null
    },

    /** An unpaid trade is given up. */
    close(trade: Trade): Failure | null {
      if (trade.status !== 'WAIT_BUYER_PAY') return failure('ACQ.TRADE_STATUS_ERROR')
      Object.assign(trade, closedAt(clock()))
      return null
    },

    /** Gives an amount back, once for its request number; answers whether money moved. */
    refund(trade: Trade, outRequestNo: string, amount: bigint): { moved: boolean } | Failure {
      const earlier = trade.refunds.get(outRequestNo)
      if (earlier !== undefined)
        return earlier === amount ? { moved: false } : failure('ACQ.DISCORDANT_REPEAT_REQUEST')
      if (trade.status !== 'TRADE_SUCCESS') return failure('ACQ.TRADE_STATUS_ERROR')
      if (refundedOf(trade) + amount > trade.total) return failure('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL')
      trade.refunds.set(outRequestNo, amount)
      if (refundedOf(trade) === trade.total) Object.assign(trade, closedAt(clock()))
      return { moved: true }
    },
  }
}

const closedAt = (at: Date) => ({ status: 'TRADE_CLOSED', closedAt: at }) as const

const chinaDate = (at: Date) =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '')
