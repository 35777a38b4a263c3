import { Prisma } from '../generated/prisma/client.ts'
import type { Database } from '../data/database.ts'
import type { Reservation, ReservationStatus, Shelf, StockState } from '../domain/reserve.ts'

// Each write is one statement, and with that one transaction, for all orders of a batch. Stock is changed by differences,
// never set: two batches on one SKU wait for each other and both go through. Everywhere reservations that exist are locked
// first, then stock, both in the order of their ids, then new reservations are inserted: nobody waits in a circle. One SKU
// alone needs no lock before its update.

/** An order to settle: only if its reservation still stands as `expected`; `moves` is what that changes, SKU by SKU. */
export interface Settlement {
  orderId: bigint
  expected: ReservationStatus
  moves: Shelf
}

/** Orders that were moved on, those that got a tombstone, and the stock that this changed. */
export interface Settled {
  settled: Set<bigint>
  buried: readonly bigint[]
  changed: StockState[]
}

/**
 * Inserts reservations and changes stock by `moves`, all or nothing. Answers with the changed stock, or null when nothing
 * was written: a SKU has too few units, or one of the orders has a reservation.
 */
export async function insertReservations(
  db: Database,
  made: readonly Reservation[],
  moves: Shelf,
  expiresAt: Date,
): Promise<StockState[] | null> {
  const rows = made.map(({ orderId, ...one }) => ({ order_id: String(orderId), ...one }))
  const [answer] = await orTaken(
    db.$queryRaw<{ isWritten: boolean; changed: StockState[] }[]>`
      with made as (
        select * from json_to_recordset(${JSON.stringify(rows)}::json)
          as m(order_id bigint, status text, lines jsonb, shortages jsonb)
      ), moves as (
        select * from json_to_recordset(${JSON.stringify(movesOf(moves))}::json) as m(${moveColumns})
      ), hopeful as materialized (
        -- Looked up before anything is locked, so that what cannot be costs no write.
        select not exists (select from reservation join made using (order_id))
          and (select count(*) from stock s join moves m using (sku_id) where s.available + m.available >= 0)
            = (select count(*) from moves) as yes
      ), locked as materialized (
        select s.available + m.available >= 0 as fits from stock s join moves m using (sku_id)
        where (select yes from hopeful) and (select count(*) from moves) > 1
        order by s.sku_id for update of s
      ), changed as (
        update stock s set ${addMoves} from moves m
        where s.sku_id = m.sku_id and (select yes from hopeful)
          and coalesce((select bool_and(fits) from locked), true) and s.available + m.available >= 0
        returning ${stateColumns}
      ), written as materialized (
        select (select yes from hopeful) and (select count(*) from changed) = (select count(*) from moves) as yes
      ), inserted as (
        insert into reservation (order_id, status, lines, shortages, expires_at)
        select order_id, status, lines, shortages, ${expiresAt}::timestamptz from made
        where (select yes from written) order by order_id
      )
      select (select yes from written) as "isWritten", (select coalesce(json_agg(c), '[]') from changed c) as changed`,
    [{ isWritten: false, changed: [] }],
  )
  return answer?.isWritten ? answer.changed : null
}

/**
 * Moves reservations on, with their stock, and leaves tombstones. Who somebody else has moved on meanwhile is left alone:
 * `settled` has those that were moved. Null when nothing was written, because an order to be buried was reserved meanwhile.
 */
export async function settleReservations(
  db: Database,
  {
    settlements,
    tombstones,
    to,
    untold,
  }: {
    settlements: readonly Settlement[]
    tombstones: readonly bigint[]
    to: ReservationStatus
    untold: boolean
  },
): Promise<Settled | null> {
  const rows = settlements
    .map(({ orderId, expected }) => ({ order_id: String(orderId), expected }))
    .toSorted((a, b) => (BigInt(a.order_id) < BigInt(b.order_id) ? -1 : 1))
  const moves = settlements.flatMap(({ orderId, moves }) =>
    movesOf(moves).map((move) => ({ order_id: String(orderId), ...move })),
  )
  const [answer] = await orTaken(
    db.$queryRaw<{ settled: string[]; changed: StockState[] }[]>`
      with input as (
        select * from json_to_recordset(${JSON.stringify(rows)}::json) as i(order_id bigint, expected text)
      ), settled as (
        update reservation r set status = ${to}, untold = ${untold} from input i
        where r.order_id = i.order_id and r.status = i.expected
        returning r.order_id
      ), moves as materialized (
        select m.sku_id, sum(m.available)::int as available, sum(m.reserved)::int as reserved,
          sum(m.sold)::int as sold, sum(m.version)::int as version
        from json_to_recordset(${JSON.stringify(moves)}::json) as m(order_id bigint, ${moveColumns})
        join settled using (order_id) group by m.sku_id
      ), locked as materialized (
        select from stock s join moves m using (sku_id)
        where (select count(*) from moves) > 1 order by s.sku_id for update of s
      ), changed as (
        update stock s set ${addMoves} from moves m
        where s.sku_id = m.sku_id and (select count(*) from locked) >= 0
        returning ${stateColumns}
      ), buried as (
        insert into reservation (order_id, status, lines, shortages, expires_at)
        select t.id::bigint, ${to}, '[]', '[]', now() from json_array_elements_text(${JSON.stringify(tombstones.map(String))}::json) as t(id)
        where (select count(*) from changed) >= 0 order by t.id::bigint
      )
      select (select coalesce(json_agg(order_id::text), '[]') from settled) as settled,
        (select coalesce(json_agg(c), '[]') from changed c) as changed`,
    [],
  )
  return answer
    ? { settled: new Set(answer.settled.map(BigInt)), buried: tombstones, changed: answer.changed }
    : null
}

const moveColumns = Prisma.sql`sku_id text, available int, reserved int, sold int, version int`
const addMoves = Prisma.sql`available = s.available + m.available, reserved = s.reserved + m.reserved,
  sold = s.sold + m.sold, version = s.version + m.version, changed_at = now()`
const stateColumns = Prisma.sql`s.sku_id as "skuId", s.available, s.reserved, s.sold, s.version`

const movesOf = (moves: Shelf) => [...moves.values()].map(({ skuId, ...by }) => ({ sku_id: skuId, ...by }))

/** Somebody else inserted one of the orders at the same time: nothing was written. */
async function orTaken<Answer>(query: Promise<Answer>, whenTaken: Answer): Promise<Answer> {
  try {
    return await query
  } catch (error) {
    if (isTaken(error)) return whenTaken
    throw error
  }
}

/** How Prisma tells of a unique key that is taken, when the statement is not of its own making. */
function isTaken(error: unknown): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError)) return false
  const { driverAdapterError } = error.meta ?? {}
  return (
    driverAdapterError instanceof Error &&
    typeof driverAdapterError.cause === 'object' &&
    driverAdapterError.cause !== null &&
    'kind' in driverAdapterError.cause &&
    driverAdapterError.cause.kind === 'UniqueConstraintViolation'
  )
}
