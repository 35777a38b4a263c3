import type { PaymentSucceeded } from '@mall/contracts'
import type { Database } from '../../data/database.ts'
import type { CurrencyCode, PaymentMethod } from '../../domain/order.ts'
import type { Payment } from '../../generated/prisma/client.ts'

/** How far a payment has come. CLOSED also stands for one that must never begin. */
export type PaymentStatus =
  'INITIATED' | 'SUCCEEDED' | 'FAILED' | 'CLOSED' | 'REFUNDED' | 'PARTIALLY_REFUNDED'

/** What later participants need and a payment therefore carries. */
export type PaymentContext = Pick<PaymentSucceeded, 'lines' | 'destination'>

/** The terms of a payment; absent from the tombstone of an order undone before it came to be paid. */
export interface PaymentTerms {
  method: PaymentMethod
  amount: number
  currency: CurrencyCode
  context: PaymentContext
}

/** The one payment of an order. */
export interface PaymentRecord {
  orderId: bigint
  status: PaymentStatus
  reason: string | null
  redirectUrl: string | null
  terms: PaymentTerms | null
}

/** Payments in PostgreSQL; one statement for many. */
export type PaymentRepository = ReturnType<typeof createPaymentRepository>

export function createPaymentRepository(db: Database) {
  async function findMany(orderIds: readonly bigint[]): Promise<PaymentRecord[]> {
    const rows = await db.payment.findMany({ where: { orderId: { in: [...orderIds] } } })
    return rows.map(recordOf)
  }

  return {
    findMany,

    /** Opens payments that do not exist yet, and answers with all of them as they stand. */
    async open(payments: readonly ({ orderId: bigint } & PaymentTerms)[]): Promise<PaymentRecord[]> {
      await db.payment.createMany({
        data: payments.map((payment) => ({
          ...payment,
          context: { ...payment.context },
          status: 'INITIATED',
        })),
        skipDuplicates: true,
      })
      return findMany(payments.map(({ orderId }) => orderId))
    },

    /** Makes sure that no payment can begin for these orders, and answers with all of theirs as they stand. */
    async bar(orderIds: readonly bigint[]): Promise<PaymentRecord[]> {
      await db.payment.createMany({
        data: orderIds.map((orderId) => ({ orderId, status: 'CLOSED' })),
        skipDuplicates: true,
      })
      return findMany(orderIds)
    },

    /** Moves payments on from the status they were seen in; answers with all of them as they then stand. */
    async move(
      moves: readonly { payment: PaymentRecord; to: PaymentStatus; reason?: string; redirectUrl?: string }[],
    ): Promise<PaymentRecord[]> {
      if (moves.length === 0) return []
      const rows = moves.map(({ payment, to, reason = null, redirectUrl = null }) => ({
        order_id: String(payment.orderId),
        was: payment.status,
        status: to,
        reason,
        redirect_url: redirectUrl,
      }))
      await db.$executeRaw`
        update payment p set status = m.status, reason = m.reason, redirect_url = m.redirect_url, updated_at = now()
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as m(order_id bigint, was text, status text, reason text, redirect_url text)
        where p.order_id = m.order_id and p.status = m.was`
      return findMany(moves.map(({ payment }) => payment.orderId))
    },
  }
}

/** The columns hold what this module wrote, so their types are those that it wrote. */
function recordOf(row: Payment): PaymentRecord {
  const { orderId, reason, redirectUrl, method, amount, currency, context } = row
  return {
    orderId,
    reason,
    redirectUrl,
    status: row.status as PaymentStatus,
    terms:
      method === null
        ? null
        : {
            method: method as PaymentMethod,
            amount: Number(amount),
            currency: currency as CurrencyCode,
            context: context as unknown as PaymentContext,
          },
  }
}
