import type { OrderContent, OrderStatus } from '../domain/order.ts'
import { dataOf, schemaVersion } from '../history/stored-event.ts'
import { isMoving, isSold, type SagaEvent, type SagaState } from '../saga/state.ts'
import type { Database } from './database.ts'
import {
  columnsOf,
  orderColumns,
  recordOf,
  sagaColumns,
  type OrderRecord,
  type OrderRow,
} from './order-rows.ts'

export type { OrderRecord } from './order-rows.ts'

/**
 * An order before and after an event. `checks` counts how often the sweeper has looked since it last moved; null leaves
 * that, and when it looks next, as it is.
 */
export interface Change {
  before: OrderRecord
  after: SagaState
  events: { event: SagaEvent; at: string }[]
  checks: number | null
  at: Date
}

/** Orders in PostgreSQL. Every write is one statement for many orders: one commit serves all that came together. */
export type OrderRepository = ReturnType<typeof createOrderRepository>

export function createOrderRepository(db: Database, options: { sweepAfterMs: number }) {
  return {
    /** Inserts new orders with their first event; answers with the ids of those whose key was not yet used. */
    async insert(orders: readonly { content: OrderContent; saga: SagaState }[]): Promise<Set<bigint>> {
      const rows = orders.map(({ content, saga }) => ({
        ...columnsOf(content),
        ...sagaColumns(saga),
        check_at: later(content.placedAt, 0),
      }))
      const placed = await db.$queryRaw<{ id: bigint }[]>`
        with input as (
          select * from json_populate_recordset(null::"order", ${JSON.stringify(rows)}::json)
        ), placed as (
          insert into "order" select * from input
          on conflict (customer_id, idempotency_key) do nothing
          returning id
        ), history as (
          insert into order_event (order_id, version, type, at, schema_version)
          select id, 1, 'order-placed', placed_at, ${schemaVersion}
          from input join placed using (id)
        )
        select id from placed`
      return new Set(placed.map(({ id }) => id))
    },

    /** Orders already placed with these keys, by `customerId` and `idempotencyKey`. */
    async findByKeys(
      keys: readonly { customerId: string; idempotencyKey: string }[],
    ): Promise<OrderRecord[]> {
      const rows = await db.$queryRaw<OrderRow[]>`
        select ${orderColumns} from "order" join json_to_recordset(${JSON.stringify(keys)}::json)
          as key("customerId" text, "idempotencyKey" text)
          on customer_id = key."customerId" and idempotency_key = key."idempotencyKey"`
      return rows.map(recordOf)
    },

    /** The orders with these ids, in no order; unknown ids are left out. */
    async findMany(ids: readonly bigint[]): Promise<OrderRecord[]> {
      if (ids.length === 0) return []
      // One text however many ids: Prisma would write, plan and prepare another for each number of them.
      const rows = await db.$queryRaw<OrderRow[]>`
        select ${orderColumns} from "order" where id = any(${ids.map(String)}::text[]::bigint[])`
      return rows.map(recordOf)
    },

    /** Up to `limit` orders of a customer, newest first, from below the id `before`. */
    async findPage(filter: {
      customerId: string | null
      status: OrderStatus | null
      before: bigint | null
      limit: number
    }): Promise<OrderRecord[]> {
      const rows = await db.order.findMany({
        where: {
          ...(filter.customerId === null ? {} : { customerId: filter.customerId }),
          ...(filter.status === null ? {} : { status: filter.status }),
          ...(filter.before === null ? {} : { id: { lt: filter.before } }),
        },
        orderBy: { id: 'desc' },
        take: filter.limit,
      })
      return rows.map(recordOf)
    },

    /**
     * Writes what became of orders, with their events and the sales they make. An order that somebody else moved
     * since it was read is left alone; the answer has those written, as they then stand.
     */
    async save(changes: readonly Change[]): Promise<OrderRecord[]> {
      if (changes.length === 0) return []
      const rows = changes.map(({ before, after, events, checks, at }) => ({
        id: String(before.id),
        expected: before.version,
        ...sagaColumns(after),
        version: versionAfter({ before, events }),
        updated_at: events.length > 0 ? at : before.updatedAt,
        check_at: isMoving(after) ? later(at, checks ?? 0) : null,
        checks,
      }))
      const events = changes.flatMap(({ before, events }) =>
        events.map(({ event, at }, index) => ({
          order_id: String(before.id),
          version: before.version + index + 1,
          type: event.type,
          at,
          data: dataOf(event),
        })),
      )
      const written = await db.$queryRaw<{ id: bigint }[]>`
        with input as (
          select * from json_to_recordset(${JSON.stringify(rows)}::json) as i(id bigint, expected int, version int,
            status text, saga jsonb, cancel_reason text, needs_attention boolean, updated_at timestamptz, check_at timestamptz,
            checks int)
        ), locked as materialized (
          select o.id from "order" o join input i on o.id = i.id and o.version = i.expected order by o.id for update of o
        ), written as (
          update "order" o set status = i.status, saga = i.saga, cancel_reason = i.cancel_reason,
            needs_attention = i.needs_attention, version = i.version, updated_at = i.updated_at,
            checks = coalesce(i.checks, o.checks),
            -- As it was while the order just moves along: a write that changes no indexed column touches no index.
            check_at = case when i.checks is null then o.check_at
              when i.checks = 0 and o.checks = 0 and i.check_at is not null then coalesce(o.check_at, i.check_at)
              else i.check_at end
          from input i join locked using (id)
          where o.id = i.id and o.version = i.expected
          returning o.id
        ), history as (
          insert into order_event (order_id, version, type, at, data, schema_version)
          select e.*, ${schemaVersion} from json_to_recordset(${JSON.stringify(events)}::json)
            as e(order_id bigint, version int, type text, at timestamptz, data jsonb)
          join written on written.id = e.order_id
        ), sales as (
          insert into product_sale (product_id, sold)
          select product_id, sum(units) from json_to_recordset(${JSON.stringify(salesOf(changes))}::json)
            as s(order_id bigint, product_id text, units int)
          join written on written.id = s.order_id
          group by product_id order by product_id
          on conflict (product_id) do update set sold = product_sale.sold + excluded.sold
        )
        select id from written`
      const ids = new Set(written.map(({ id }) => id))
      return changes.filter(({ before }) => ids.has(before.id)).map(recordAfter)
    },

    /**
     * Takes up to `limit` orders that were due for a look at `waitingSince`; no other instance takes them before their
     * next check. `stuck` are those that have not moved since their last; the others are looked at again later.
     */
    async takeStuck(request: {
      now: Date
      waitingSince: Date
      limit: number
    }): Promise<{ taken: number; stuck: { order: OrderRecord; checks: number }[] }> {
      const { now, waitingSince, limit } = request
      const stillFrom = new Date(waitingSince.getTime() - options.sweepAfterMs)
      const rows = await db.$queryRaw<(OrderRow & { checks: number; isStuck: boolean })[]>`
        update "order" set check_at = case when updated_at <= ${stillFrom}::timestamptz then ${later(now, 0)}::timestamptz
          else updated_at + ${options.sweepAfterMs} * interval '1 millisecond' end
        where id in (
          select id from "order" where check_at <= ${waitingSince}::timestamptz order by check_at limit ${limit} for update skip locked
        )
        returning ${orderColumns}, checks, updated_at <= ${stillFrom}::timestamptz as "isStuck"`
      const stuck = rows.filter(({ isStuck }) => isStuck)
      return {
        taken: rows.length,
        stuck: stuck.map((row) => ({ order: recordOf(row), checks: row.checks })),
      }
    },
  }

  /** When to look again: doubling from `sweepAfterMs` up to a minute, so that a long wait costs little. */
  function later(from: Date, checks: number): Date {
    return new Date(from.getTime() + Math.min(options.sweepAfterMs * 2 ** checks, 60_000))
  }
}

const versionAfter = ({ before, events }: Pick<Change, 'before' | 'events'>) =>
  before.version + Math.max(events.length, 1)

const recordAfter = ({ before, after, events, at }: Change): OrderRecord => ({
  ...before,
  ...after,
  lines: before.lines,
  version: versionAfter({ before, events }),
  updatedAt: events.length > 0 ? at : before.updatedAt,
})

/** A confirmed order's units count as sold; those of one that is undone after that are taken back. */
function salesOf(changes: readonly Change[]) {
  return changes.flatMap(({ before, after }) => {
    const sign = Number(isSold(after)) - Number(isSold(before))
    if (sign === 0) return []
    return before.lines.map(({ productId, quantity }) => ({
      order_id: String(before.id),
      product_id: productId,
      units: sign * quantity,
    }))
  })
}
