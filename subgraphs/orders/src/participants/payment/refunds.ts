import type { PaymentMethod } from '../../domain/order.ts'
import type { PaymentRecord, PaymentRepository } from './payment-repository.ts'
import type { PaymentProvider } from './provider.ts'
import { undoId, type RefundRecord, type RefundRepository } from './refund-repository.ts'

/** How giving money back ended: through, or not this time. */
export type RefundResult = { status: 'REFUNDED'; amount: number } | { status: 'FAILED'; reason: string }

/** Gives captured money back. What the provider refuses is a result, so that one order never holds up others. */
export type Refunds = ReturnType<typeof createRefunds>

export function createRefunds(deps: {
  payments: PaymentRepository
  refunds: RefundRepository
  providers: Partial<Record<PaymentMethod, PaymentProvider>>
}) {
  const { payments, refunds, providers } = deps
  return {
    /** Gives back one amount, once for its id. */
    async giveBack(orderId: bigint, refundId: string, amount: number): Promise<RefundResult> {
      const asked = (await refunds.open(orderId, refundId, amount)).find((one) => one.refundId === refundId)
      if (!asked) return { status: 'FAILED', reason: 'Less than that is left of the payment.' }
      return carryOut(orderId, [asked])
    },

    /** Gives back all that is left, refunds under way included. */
    async giveBackRest(orderId: bigint): Promise<RefundResult> {
      return carryOut(orderId, await refunds.open(orderId, undoId, 'rest'))
    },

    /** Gives back what came in for an order that had been undone; the refund is durable before it is tried. */
    async giveBackLate(orderId: bigint): Promise<RefundResult> {
      await refunds.openLate(orderId)
      return carryOut(orderId, await refunds.find(orderId))
    },

    /** Goes on with refunds that have been asked for; null when there are none. */
    async goOn(orderId: bigint): Promise<RefundResult | null> {
      const records = await refunds.find(orderId)
      return records.length === 0 ? null : carryOut(orderId, records)
    },
  }

  async function carryOut(orderId: bigint, records: readonly RefundRecord[]): Promise<RefundResult> {
    const open = records.filter(({ status }) => status === 'REQUESTED')
    if (open.length > 0) {
      const [payment] = await payments.findMany([orderId])
      try {
        for (const refund of open) await askProvider(payment, refund)
      } catch (error) {
        return { status: 'FAILED', reason: error instanceof Error ? error.message : 'Unknown.' }
      }
      await refunds.finish(
        orderId,
        open.map(({ refundId }) => refundId),
      )
    }
    return { status: 'REFUNDED', amount: records.reduce((sum, { amount }) => sum + amount, 0) }
  }

  async function askProvider(
    payment: PaymentRecord | undefined,
    { orderId, refundId, amount }: RefundRecord,
  ) {
    const terms = payment?.terms
    const provider = terms && providers[terms.method]
    if (!provider) throw new Error(`Nobody can give back a payment by ${terms?.method ?? 'nothing'}.`)
    await provider.refund({ orderId: String(orderId), refundId, amount, currency: terms.currency })
  }
}
