import type { Database } from '../../data/database.ts'
import type { Payment, PaymentRefund } from '../../generated/prisma/client.ts'

/** Money given back, or about to be. `amount` in minor units; `refundId` is unique within the order. */
export interface RefundRecord {
  orderId: bigint
  refundId: string
  amount: number
  status: 'REQUESTED' | 'DONE'
}

/** Under this id an order that is undone gives back all that is left. */
export const undoId = 'undo'

/** Refunds in PostgreSQL. Those of one payment never add up to more than was captured. */
export type RefundRepository = ReturnType<typeof createRefundRepository>

export function createRefundRepository(db: Database) {
  return {
    /**
     * Opens a refund of an amount, or of all that is left, unless there is one with its id. Answers with all refunds of
     * the order; the one asked for is missing when less than that is left.
     */
    open(orderId: bigint, refundId: string, amount: number | 'rest'): Promise<RefundRecord[]> {
      return db.$transaction(async (tx) => {
        const [payment] = await tx.$queryRaw<Pick<Payment, 'status' | 'amount'>[]>`
          select status, amount from payment where order_id = ${orderId} for update`
        const existing = (await tx.paymentRefund.findMany({ where: { orderId } })).map(recordOf)
        const isCaptured = payment?.status === 'SUCCEEDED' || payment?.status === 'PARTIALLY_REFUNDED'
        if (!isCaptured || existing.some((refund) => refund.refundId === refundId)) return existing
        const left = Number(payment.amount) - existing.reduce((sum, refund) => sum + refund.amount, 0)
        const asked = amount === 'rest' ? left : amount
        if (asked < 1 || asked > left) return existing
        const opened = await tx.paymentRefund.create({
          data: { orderId, refundId, amount: asked, status: 'REQUESTED' },
        })
        return [...existing, recordOf(opened)]
      })
    },

    /**
     * Opens the refund of all that was captured for an order that was undone before that was known. The payment stays
     * as it is until the money is back, and is looked at again until then.
     */
    async openLate(orderId: bigint): Promise<void> {
      await db.$executeRaw`
        with late as (
          update payment set check_at = now(), checks = 0
          where order_id = ${orderId} and status in ('CLOSED', 'FAILED') and amount is not null
          returning order_id, amount
        )
        insert into payment_refund (order_id, refund_id, amount, status)
        select order_id, ${undoId}, amount, 'REQUESTED' from late
        on conflict do nothing`
    },

    /** All refunds of an order. */
    async find(orderId: bigint): Promise<RefundRecord[]> {
      return (await db.paymentRefund.findMany({ where: { orderId } })).map(recordOf)
    },

    /** Writes down that refunds went through, and how the payment then stands. */
    async finish(orderId: bigint, refundIds: readonly string[]): Promise<void> {
      await db.$transaction([
        db.paymentRefund.updateMany({
          where: { orderId, refundId: { in: [...refundIds] } },
          data: { status: 'DONE' },
        }),
        db.$executeRaw`
          update payment set updated_at = now(), check_at = null, status = case
            when amount <= (select sum(amount) from payment_refund where order_id = ${orderId} and status = 'DONE')
            then 'REFUNDED' else 'PARTIALLY_REFUNDED' end
          where order_id = ${orderId} and status in ('SUCCEEDED', 'PARTIALLY_REFUNDED', 'CLOSED', 'FAILED')`,
      ])
    },
  }
}

/** The columns hold what this module wrote, so their types are those that it wrote. */
const recordOf = ({ orderId, refundId, amount, status }: PaymentRefund): RefundRecord => ({
  orderId,
  refundId,
  amount: Number(amount),
  status: status as RefundRecord['status'],
})
