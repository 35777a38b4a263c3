import type { PaymentSucceeded } from '@mall/contracts'
import type { Database } from '../../data/database.ts'
import type { CurrencyCode, PaymentMethod } from '../../domain/order.ts'
import { Prisma, type Payment } from '../../generated/prisma/client.ts'

/** How far a payment has come. CLOSED also stands for one that must never begin. */
export type PaymentStatus =
  'INITIATED' | 'SUCCEEDED' | 'FAILED' | 'CLOSED' | 'REFUNDED' | 'PARTIALLY_REFUNDED'

/**
 * What later participants need and a payment therefore carries; one that is decided long after it began also carries
 * the story that it belongs to.
 */
export type PaymentContext = Pick<PaymentSucceeded, 'lines' | 'destination'> & { correlationId?: string }

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

/** A payment as it begins. */
export type PaymentOpening = Pick<PaymentRecord, 'orderId' | 'status' | 'reason'> & { terms: PaymentTerms }

/** A payment that must be looked at, how often it has been, and since when it has stood as it does. */
export interface DuePayment extends PaymentRecord {
  checks: number
  updatedAt: Date
}

/** What becomes of a payment. `checkAt`: when it must be looked at again. */
export interface PaymentMove {
  payment: PaymentRecord
  to: PaymentStatus
  reason?: string
  redirectUrl?: string
  checkAt?: Date
}

/** Payments in PostgreSQL; one statement for many. */
export type PaymentRepository = ReturnType<typeof createPaymentRepository>

/** @param options.checkAfterMs when a payment that was looked at is looked at again; twice as long each time, up to a minute */
export function createPaymentRepository(db: Database, options: { checkAfterMs: number }) {
  async function findMany(orderIds: readonly bigint[]): Promise<PaymentRecord[]> {
    // One text however many ids: Prisma would write, plan and prepare another for each number of them.
    const rows = await db.$queryRaw<PaymentRow[]>`
      select ${columns} from payment where order_id = any(${orderIds.map(String)}::text[]::bigint[])`
    return rows.map(recordOf)
  }

  /** Inserts payments that do not exist yet, and answers with all of them as they stand, in one statement. */
  async function insert(
    payments: readonly (Omit<PaymentOpening, 'terms'> & { terms: PaymentTerms | null })[],
  ): Promise<PaymentRecord[]> {
    const input = payments.map(({ orderId, terms, ...rest }) => ({
      ...rest,
      ...terms,
      order_id: String(orderId),
    }))
    const rows = await db.$queryRaw<PaymentRow[]>`
      with input as (
        select distinct on (order_id) * from json_to_recordset(${JSON.stringify(input)}::json)
          as i(order_id bigint, status text, reason text, method text, amount bigint, currency text, context jsonb)
      ), fresh as (
        insert into payment (order_id, status, reason, method, amount, currency, context)
        select * from input order by order_id on conflict do nothing returning *
      )
      select ${columns} from fresh
      union all
      select ${columns} from payment where order_id in (select order_id from input)`
    // Somebody else's row that was written while this ran: not ours, and not yet there when we looked.
    const missing = payments
      .map(({ orderId }) => orderId)
      .filter((orderId) => !rows.some((row) => row.orderId === orderId))
    return [...rows.map(recordOf), ...(missing.length > 0 ? await findMany(missing) : [])]
  }

  return {
    findMany,

    /** Opens payments that do not exist yet, and answers with all of them as they stand. */
    open: (payments: readonly PaymentOpening[]) => insert(payments),

    /** Makes sure that no payment can begin for these orders, and answers with all of theirs as they stand. */
    bar: (orderIds: readonly bigint[]) =>
      insert(orderIds.map((orderId) => ({ orderId, status: 'CLOSED', reason: null, terms: null }))),

    /** Moves payments on from the status they were seen in; answers with all of them as they then stand. */
    async move(moves: readonly PaymentMove[]): Promise<PaymentRecord[]> {
      if (moves.length === 0) return []
      const rows = moves.map(({ payment, to, reason = null, redirectUrl = null, checkAt = null }) => ({
        order_id: String(payment.orderId),
        was: payment.status,
        status: to,
        reason,
        redirect_url: redirectUrl,
        check_at: checkAt,
      }))
      await db.$executeRaw`
        update payment p set status = m.status, reason = m.reason, redirect_url = m.redirect_url, updated_at = now(),
          check_at = m.check_at
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as m(order_id bigint, was text, status text, reason text, redirect_url text, check_at timestamptz)
        where p.order_id = m.order_id and p.status = m.was`
      return findMany(moves.map(({ payment }) => payment.orderId))
    },

    /**
     * Writes down how an open payment ended. False when it was not open any more: of all who say so at once, one is
     * told true. It is looked at again until `rest`.
     */
    async decide(
      orderId: bigint,
      to: 'SUCCEEDED' | 'FAILED',
      { reason = null, now }: { reason?: string | null; now: Date },
    ): Promise<boolean> {
      const decided = await db.$executeRaw`
        update payment set status = ${to}, reason = ${reason}, redirect_url = null, updated_at = now(),
          check_at = ${later(now, 0)}::timestamptz, checks = 0
        where order_id = ${orderId} and status = 'INITIATED'`
      return decided > 0
    },

    /** Nothing is left to do for these payments as long as they stand as they were seen. */
    async rest(payments: readonly PaymentRecord[]): Promise<void> {
      const rows = payments.map(({ orderId, status }) => ({ order_id: String(orderId), status }))
      await db.$executeRaw`
        update payment p set check_at = null
        from json_to_recordset(${JSON.stringify(rows)}::json) as r(order_id bigint, status text)
        where p.order_id = r.order_id and p.status = r.status`
    },

    /** Takes up to `limit` payments that are due; no other instance takes them before their next check. */
    async takeDue(now: Date, limit: number): Promise<DuePayment[]> {
      const rows = await db.$queryRaw<{ id: bigint }[]>`
        update payment set checks = checks + 1,
          check_at = ${now}::timestamptz + least(60000, ${options.checkAfterMs} * power(2, least(checks, 20))) * interval '1 millisecond'
        where order_id in (
          select order_id from payment where check_at <= ${now}::timestamptz order by check_at limit ${limit}
          for update skip locked
        )
        returning order_id as id`
      if (rows.length === 0) return []
      const due = await db.payment.findMany({ where: { orderId: { in: rows.map(({ id }) => id) } } })
      return due.map((row) => ({ ...recordOf(row), checks: row.checks, updatedAt: row.updatedAt }))
    },
  }

  function later(from: Date, checks: number): Date {
    return new Date(from.getTime() + Math.min(options.checkAfterMs * 2 ** checks, 60_000))
  }
}

type PaymentRow = Omit<Payment, 'checkAt' | 'checks' | 'updatedAt'>

const columns = Prisma.sql`order_id as "orderId", status, reason, redirect_url as "redirectUrl", method, amount, currency, context`

/** The columns hold what this module wrote, so their types are those that it wrote. */
function recordOf(row: PaymentRow): PaymentRecord {
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
