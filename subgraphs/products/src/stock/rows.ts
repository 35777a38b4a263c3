import type {
  Reservation,
  ReservationLine,
  ReservationStatus,
  Shelf,
  Shortage,
  StockState,
} from '../domain/reserve.ts'
import type { Database, Transaction } from '../data/database.ts'
import { Prisma, type Reservation as ReservationRow, type Stock } from '../generated/prisma/client.ts'

/** Columns of `stock` under the names of its model. */
export const stockColumns = Prisma.sql`sku_id as "skuId", available, reserved, sold, version, changed_at as "changedAt"`

/** The present state of SKUs; unknown ones are left out. One parameter, so that the statement stays prepared. */
export async function loadStock(db: Database, skuIds: readonly string[]): Promise<StockState[]> {
  const rows = await db.$queryRaw<Stock[]>`
    select ${stockColumns} from stock where sku_id = any(${[...new Set(skuIds)]}::text[])`
  return rows.map(stateOf)
}

/** The reservations of orders, in no order. */
export async function findReservations(db: Database, orderIds: readonly bigint[]): Promise<Reservation[]> {
  const rows = await db.$queryRaw<StoredReservation[]>`
    select order_id as "orderId", status, lines, shortages from reservation
    where order_id = any(${orderIds.map(String)}::text[]::bigint[])`
  return rows.map(reservationOf)
}

/** Locks the stock of SKUs, in one order everywhere. */
export async function lockStock(tx: Transaction, skuIds: readonly string[]): Promise<Shelf> {
  const rows = await tx.$queryRaw<Stock[]>`
    select ${stockColumns} from stock
    where sku_id = any(${[...new Set(skuIds)]}::text[]) order by sku_id for update`
  return new Map(rows.map((row) => [row.skuId, stateOf(row)]))
}

/** Writes the states that differ from before; answers with them. */
export async function saveStock(tx: Transaction, before: Shelf, after: Shelf): Promise<StockState[]> {
  const changed = [...after.values()].filter((state) => before.get(state.skuId)?.version !== state.version)
  if (changed.length === 0) return []
  await tx.$executeRaw`
    update stock s set available = c.available, reserved = c.reserved, sold = c.sold, version = c.version, changed_at = now()
    from json_to_recordset(${JSON.stringify(changed)}::json)
      as c("skuId" text, available int, reserved int, sold int, version bigint)
    where s.sku_id = c."skuId"`
  return changed
}

type StoredReservation = Pick<ReservationRow, 'orderId' | 'status' | 'lines' | 'shortages'>

/** A reservation from its row. The columns hold what this module wrote, so their types are those that it wrote. */
export const reservationOf = ({ orderId, status, lines, shortages }: StoredReservation): Reservation => ({
  orderId,
  status: status as ReservationStatus,
  lines: lines as unknown as ReservationLine[],
  shortages: shortages as unknown as Shortage[],
})

/** A state from its row. */
export const stateOf = ({ skuId, available, reserved, sold, version }: Stock): StockState => ({
  skuId,
  available,
  reserved,
  sold,
  version: Number(version),
})
