import type { Database } from '../../data/database.ts'
import type { Notice, NoticeDetails, NoticeKind } from './notice.ts'

/** A notice that a sender has taken on. */
export interface ClaimedNotice extends Notice {
  /** Counts this attempt, too. */
  attempts: number
  /** Since when an earlier attempt may have reached the provider; null when none can have. */
  uncertainSince: Date | null
  /** It says that an order is confirmed which by now is cancelled. */
  isOvertaken: boolean
}

/** How an attempt ended. */
export type Outcome = { notice: ClaimedNotice } & (
  | { status: 'SENT'; messageId: string | null }
  | { status: 'FAILED' | 'RECORDED'; error: string }
  /** `isUncertain` when the provider may have the message all the same. */
  | { status: 'PENDING'; error: string; nextAttemptAt: Date; isUncertain: boolean }
)

/** Notices in PostgreSQL; one statement for many. */
export type NotificationRepository = ReturnType<typeof createNotificationRepository>

export function createNotificationRepository(db: Database) {
  return {
    /** Writes down notices that are not known yet, each to be sent or only to be remembered. */
    async insert(notices: readonly (Notice & { toSend: boolean })[], now: Date): Promise<void> {
      const rows = notices.map(({ orderId, ...notice }) => ({ ...notice, orderId: String(orderId) }))
      await db.$executeRaw`
        insert into notification (order_id, kind, ref, status, details, next_attempt_at, created_at)
        select distinct on ("orderId", kind, ref) "orderId", kind, ref,
          case when "toSend" then 'PENDING' else 'RECORDED' end, details,
          case when "toSend" then ${now}::timestamptz end, ${now}::timestamptz
        from json_to_recordset(${JSON.stringify(rows)}::json)
          as n("orderId" bigint, kind text, ref text, "toSend" boolean, details jsonb)
        order by "orderId", kind, ref
        on conflict do nothing`
    },

    /** Takes on what is due, so that no other sender has it before `until`; the longest waiting first. */
    async claim({ now, until, limit }: { now: Date; until: Date; limit: number }): Promise<ClaimedNotice[]> {
      // In a `with`, which is run once: as a joined subquery its limit could be taken anew for every row.
      const rows = await db.$queryRaw<ClaimedRow[]>`
        with due as (
          select order_id, kind, ref, uncertain_since from notification
          where next_attempt_at <= ${now}::timestamptz
          order by next_attempt_at limit ${limit} for update skip locked
        )
        update notification n set attempts = n.attempts + 1, next_attempt_at = ${until}::timestamptz,
          uncertain_since = coalesce(n.uncertain_since, ${now}::timestamptz)
        from due where n.order_id = due.order_id and n.kind = due.kind and n.ref = due.ref
        returning n.order_id, n.kind, n.ref, n.details, n.attempts, due.uncertain_since,
          n.kind = 'order-confirmed' and exists (
            select from notification later where later.order_id = n.order_id and later.kind = 'order-cancelled'
          ) as is_overtaken`
      return rows.map((row) => ({
        orderId: row.order_id,
        kind: row.kind,
        ref: row.ref,
        details: row.details,
        attempts: row.attempts,
        uncertainSince: row.uncertain_since,
        isOvertaken: row.is_overtaken,
      }))
    },

    /**
     * Writes down how attempts ended. One that took so long that another sender has taken the notice on says nothing any
     * more, except that it was sent.
     */
    async settle(outcomes: readonly Outcome[], now: Date): Promise<void> {
      const rows = outcomes.map(({ notice, ...outcome }) => ({
        order_id: String(notice.orderId),
        kind: notice.kind,
        ref: notice.ref,
        attempts: notice.attempts,
        status: outcome.status,
        message_id: outcome.status === 'SENT' ? outcome.messageId : null,
        error: outcome.status === 'SENT' ? null : outcome.error,
        next_attempt_at: outcome.status === 'PENDING' ? outcome.nextAttemptAt : null,
        is_uncertain: outcome.status === 'PENDING' && outcome.isUncertain,
      }))
      await db.$executeRaw`
        update notification n set status = o.status, error = o.error, next_attempt_at = o.next_attempt_at,
          provider_message_id = o.message_id,
          uncertain_since = case when o.is_uncertain then n.uncertain_since end,
          sent_at = case o.status when 'SENT' then ${now}::timestamptz end
        from json_to_recordset(${JSON.stringify(rows)}::json) as o(order_id bigint, kind text, ref text, attempts int,
          status text, message_id text, error text, next_attempt_at timestamptz, is_uncertain boolean)
        where n.order_id = o.order_id and n.kind = o.kind and n.ref = o.ref and n.status <> 'SENT'
          and (n.attempts = o.attempts or o.status = 'SENT')`
    },
  }
}

/** What `claim` reads; the columns hold what this module wrote, so their types are those that it wrote. */
interface ClaimedRow {
  order_id: bigint
  kind: NoticeKind
  ref: string
  details: NoticeDetails
  attempts: number
  uncertain_since: Date | null
  is_overtaken: boolean
}
