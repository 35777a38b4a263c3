import {
  commit,
  release,
  reserve,
  takeBack,
  type Reservation,
  type ReservationLine,
  type ReservationStatus,
  type Shelf,
  type Shortage,
  type StockState,
} from '../domain/reserve.ts'
import type { Database, Transaction } from '../data/database.ts'
import type { Reservation as ReservationRow, Stock } from '../generated/prisma/client.ts'

/** Reservations as they stand after a batch, and the stock that it changed. */
export interface Outcome {
  reservations: Reservation[]
  changed: StockState[]
}

/** Units of an order that came back; `returnId` is unique within the order. */
export interface StockReturn {
  orderId: bigint
  returnId: string
  lines: ReservationLine[]
}

/** Stock and reservations in PostgreSQL, the truth. Each call is one transaction for all orders given. */
export type StockRepository = ReturnType<typeof createStockRepository>

export function createStockRepository(db: Database) {
  return {
    /** The present state of these SKUs; unknown ones are left out. */
    async load(skuIds: readonly string[]): Promise<StockState[]> {
      return (await db.stock.findMany({ where: { skuId: { in: [...skuIds] } } })).map(stateOf)
    },

    /** SKUs that changed since a moment. */
    async changedSince(since: Date): Promise<StockState[]> {
      return (await db.stock.findMany({ where: { changedAt: { gte: since } } })).map(stateOf)
    },

    /**
     * Holds units for orders that have no reservation yet, in the order given, while there are enough. The rows are the
     * inbox: an order that has a reservation, or its tombstone, keeps it. What the gate refused is only written down.
     */
    reserve(
      requests: readonly { orderId: bigint; lines: ReservationLine[]; refused: Shortage[] }[],
      expiresAt: Date,
    ): Promise<Outcome> {
      const orderIds = requests.map(({ orderId }) => orderId)
      return db.$transaction(async (tx) => {
        const before = await lockStock(tx, skusOf(requests.filter(({ refused }) => refused.length === 0)))
        const existing = await findReservations(tx, orderIds)
        const known = new Set(existing.map(({ orderId }) => orderId))
        const shelf: Shelf = new Map(before)
        const made = requests
          .filter(({ orderId }) => !known.has(orderId))
          .map(({ orderId, lines, refused }): Reservation => {
            const shortages = refused.length > 0 ? refused : reserve(shelf, lines)
            return { orderId, lines, shortages, status: shortages.length === 0 ? 'RESERVED' : 'REJECTED' }
          })
        await tx.reservation.createMany({
          data: made.map((one) => ({
            ...one,
            lines: one.lines.map((line) => ({ ...line })),
            shortages: one.shortages.map((shortage) => ({ ...shortage })),
            expiresAt,
          })),
        })
        return { reservations: [...existing, ...made], changed: await saveStock(tx, before, shelf) }
      })
    },

    /** Makes what is held for orders sold. */
    commit: (orderIds: readonly bigint[]) => settle(orderIds, 'COMMITTED', commit, { isFinal: false }),

    /** Gives back what is held for orders or sold to them, and makes sure that nothing is held for them later. */
    release: (orderIds: readonly bigint[]) => settle(orderIds, 'RELEASED', release, { isFinal: true }),

    /** Gives back what is still only held. An order that was sold or released meanwhile stays as it is. */
    expire: (orderIds: readonly bigint[]) =>
      settle(
        orderIds,
        'RELEASED',
        (shelf, reservation) => reservation.status === 'RESERVED' && release(shelf, reservation),
        { isFinal: false },
      ),

    /** Makes units that came back sellable again, each return once however often it comes. */
    takeBack(returns: readonly StockReturn[]): Promise<StockState[]> {
      return db.$transaction(async (tx) => {
        const before = await lockStock(tx, skusOf(returns))
        const fresh = await tx.stockReturn.createManyAndReturn({
          data: returns.map((one) => ({ ...one, lines: one.lines.map((line) => ({ ...line })) })),
          skipDuplicates: true,
        })
        const shelf: Shelf = new Map(before)
        for (const { orderId, returnId } of fresh) {
          const found = returns.find((one) => one.orderId === orderId && one.returnId === returnId)
          if (found) takeBack(shelf, found.lines)
        }
        return saveStock(tx, before, shelf)
      })
    },

    /** Orders whose reservation has run out. */
    async findExpired(now: Date, limit: number): Promise<bigint[]> {
      const rows = await db.reservation.findMany({
        where: { status: 'RESERVED', expiresAt: { lt: now } },
        select: { orderId: true },
        orderBy: { expiresAt: 'asc' },
        take: limit,
      })
      return rows.map(({ orderId }) => orderId)
    },
  }

  /** `isFinal`: afterwards nothing may be held or sold, whatever comes later; it leaves tombstones. */
  function settle(
    orderIds: readonly bigint[],
    to: 'COMMITTED' | 'RELEASED',
    apply: (shelf: Shelf, reservation: Reservation) => boolean,
    { isFinal }: { isFinal: boolean },
  ): Promise<Outcome> {
    return db.$transaction(async (tx) => {
      // Stock is locked before reservations, everywhere, so that two batches never wait for each other in a circle.
      const before = await lockStock(tx, skusOf(await findReservations(tx, orderIds)))
      const found = await findReservations(tx, orderIds)
      const shelf: Shelf = new Map(before)
      const moved = found.filter((reservation) => apply(shelf, reservation)).map(({ orderId }) => orderId)
      await tx.reservation.updateMany({ where: { orderId: { in: moved } }, data: { status: to } })
      const known = new Set(found.map(({ orderId }) => orderId))
      const missing = orderIds.filter((orderId) => !known.has(orderId))
      if (isFinal)
        await tx.reservation.createMany({
          data: missing.map((orderId) => ({
            orderId,
            status: to,
            lines: [],
            shortages: [],
            expiresAt: new Date(),
          })),
        })
      const changed = await saveStock(tx, before, shelf)
      const reservations = await findReservations(tx, orderIds)
      if (isFinal && reservations.some(({ status }) => status === 'RESERVED' || status === 'COMMITTED'))
        throw new Error(
          'An order was reserved while it was released; it is released when this is tried again',
        )
      return { reservations, changed }
    })
  }
}

/** Locks the stock of SKUs, in one order everywhere. */
export async function lockStock(tx: Transaction, skuIds: readonly string[]): Promise<Shelf> {
  const rows = await tx.$queryRaw<Stock[]>`
    select sku_id as "skuId", available, reserved, sold, version, changed_at as "changedAt" from stock
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

async function findReservations(tx: Transaction, orderIds: readonly bigint[]): Promise<Reservation[]> {
  return (await tx.reservation.findMany({ where: { orderId: { in: [...orderIds] } } })).map(reservationOf)
}

const skusOf = (requests: readonly { lines: readonly ReservationLine[] }[]) =>
  requests.flatMap(({ lines }) => lines.map(({ skuId }) => skuId))

/** The columns hold what this module wrote, so their types are those that it wrote. */
const reservationOf = ({ orderId, status, lines, shortages }: ReservationRow): Reservation => ({
  orderId,
  status: status as ReservationStatus,
  lines: lines as unknown as ReservationLine[],
  shortages: shortages as unknown as Shortage[],
})

const stateOf = ({ skuId, available, reserved, sold, version }: Stock): StockState => ({
  skuId,
  available,
  reserved,
  sold,
  version: Number(version),
})
