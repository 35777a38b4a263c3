import { Prisma } from '../generated/prisma/client.ts'
import type { StoredEvent } from '../history/stored-event.ts'
import { isMoving, type SagaState } from '../saga/state.ts'
import type { Database } from './database.ts'
import { orderColumns, recordOf, sagaColumns, type OrderRecord, type OrderRow } from './order-rows.ts'

/** An order as its row says, whatever that is, beside its history; both as of one moment. */
export interface OrderWithHistory {
  order: OrderRecord
  needsAttention: boolean
  checkAt: Date | null
  history: StoredEvent[]
}

/** What an order's row should say. */
export interface Correction {
  id: bigint
  /** The version that the row had when it was read. */
  expected: number
  state: SagaState
  /** The newest event: the row is never older. */
  lastEvent: Pick<StoredEvent, 'version' | 'at'>
}

/** Units of a product in sold orders, and what `product_sale` says. */
export interface SalesDifference {
  productId: string
  expected: number
  actual: number
}

/** What is derived from histories: the rows of orders, and from those what was sold. For rebuilding it. */
export type ReadModel = ReturnType<typeof createReadModel>

export function createReadModel(db: Database) {
  return {
    async newestId(): Promise<bigint> {
      const { _max } = await db.order.aggregate({ _max: { id: true } })
      return _max.id ?? 0n
    },

    /** Up to `limit` orders with ids above `after`, up to `until`, ascending. */
    async page(after: bigint, until: bigint, limit: number): Promise<OrderWithHistory[]> {
      const ids = await db.order.findMany({
        where: { id: { gt: after, lte: until } },
        select: { id: true },
        orderBy: { id: 'asc' },
        take: limit,
      })
      return this.findMany(ids.map(({ id }) => id))
    },

    /** These orders, ascending. One statement, so that no event falls between a row and its history. */
    async findMany(ids: readonly bigint[]): Promise<OrderWithHistory[]> {
      const rows = await db.$queryRaw<(OrderRow & Omit<OrderWithHistory, 'order'>)[]>`
        select ${orderColumns}, needs_attention as "needsAttention", check_at as "checkAt", (
          select coalesce(json_agg(json_build_object('version', e.version, 'type', e.type, 'at', e.at, 'data', e.data,
            'schemaVersion', e.schema_version) order by e.version), '[]')
          from order_event e where e.order_id = "order".id
        ) as history
        from "order" where id = any(${[...ids]}) order by id`
      return rows.map(({ needsAttention, checkAt, history, ...row }) => ({
        order: recordOf(row),
        needsAttention,
        checkAt,
        history: history.map((event) => ({ ...event, at: new Date(event.at).toISOString() })),
      }))
    },

    /** Corrects the rows that nobody has moved since they were read; answers with their ids. Sales are not touched. */
    async correct(corrections: readonly Correction[], now: Date): Promise<Set<bigint>> {
      const rows = corrections.map(({ id, expected, state, lastEvent }) => ({
        id: String(id),
        expected,
        ...sagaColumns(state),
        updated_at: lastEvent.at,
        last_version: lastEvent.version,
        is_moving: isMoving(state),
      }))
      const written = await db.$queryRaw<{ id: bigint }[]>`
        with input as (
          select * from json_to_recordset(${JSON.stringify(rows)}::json) as i(id bigint, expected int, status text, saga jsonb,
            cancel_reason text, needs_attention boolean, updated_at timestamptz, last_version int, is_moving boolean)
        ), locked as materialized (
          select o.id from "order" o join input i on o.id = i.id and o.version = i.expected order by o.id for update of o
        )
        update "order" o set status = i.status, saga = i.saga, cancel_reason = i.cancel_reason,
          needs_attention = i.needs_attention, updated_at = i.updated_at,
          version = greatest(i.expected, i.last_version) + 1,
          check_at = case when i.is_moving then coalesce(o.check_at, ${now}::timestamptz) end
        from input i join locked using (id)
        where o.id = i.id and o.version = i.expected
        returning o.id`
      return new Set(written.map(({ id }) => id))
    },

    /** Products whose sales are not those of the orders' rows, as of one moment. */
    async findSalesDifferences(): Promise<SalesDifference[]> {
      const [, found] = await db.$transaction([
        db.$executeRaw`set local statement_timeout = 0`,
        db.$queryRaw<SalesDifference[]>`with ${salesDifferences} select * from difference`,
      ])
      return found
    },

    /**
     * Adds what is missing of sales, or takes away what is too much, instead of writing the count: whoever confirms an
     * order writes its row and its sales in one statement, so that the difference of one moment stays right however
     * many orders are confirmed before it is applied. Only two who apply it at once would do it twice, hence the lock.
     */
    async correctSales(): Promise<SalesDifference[]> {
      const [, , corrected] = await db.$transaction([
        db.$executeRaw`set local statement_timeout = 0`,
        db.$executeRaw`select pg_advisory_xact_lock(hashtext('product_sale'))`,
        db.$queryRaw<SalesDifference[]>`
          with ${salesDifferences}, corrected as (
            insert into product_sale (product_id, sold)
            select "productId", expected - actual from difference order by 1
            on conflict (product_id) do update set sold = product_sale.sold + excluded.sold
          )
          select * from difference`,
      ])
      return corrected
    },
  }
}

const salesDifferences = Prisma.sql`counted as (
    select line."productId" as product_id, sum(line.quantity)::int as units
    from "order" o, jsonb_to_recordset(o.lines) as line("productId" text, quantity int)
    where o.status in ('CONFIRMED', 'SHIPPED', 'DELIVERED')
      or o.status = 'REFUNDED' and o.saga->'steps'->0->>'status' = 'DONE'
    group by 1
  ), difference as (
    select product_id as "productId", coalesce(units, 0) as expected, coalesce(sold, 0) as actual
    from counted full join product_sale using (product_id)
    where coalesce(units, 0) <> coalesce(sold, 0)
  )`
