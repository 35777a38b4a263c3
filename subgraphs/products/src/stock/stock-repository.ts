import {
  blankShelf,
  commit,
  hold,
  release,
  reserve,
  takeBack,
  type Reservation,
  type ReservationLine,
  type Shelf,
  type Shortage,
  type StockState,
} from '../domain/reserve.ts'
import type { Database } from '../data/database.ts'
import type { Stock } from '../generated/prisma/client.ts'
import {
  findReservations,
  loadStock,
  lockStock,
  reservationOf,
  saveStock,
  stateOf,
  stockColumns,
} from './rows.ts'
import { maxTries, settle, type Outcome } from './settle.ts'
import { insertReservations } from './statements.ts'

/** Units of an order that came back; `returnId` is unique within the order. */
export interface StockReturn {
  orderId: bigint
  returnId: string
  lines: ReservationLine[]
}

/** What an order asks for; `refused`: what the gate says it would be short of. */
export interface ReservationRequest {
  orderId: bigint
  lines: ReservationLine[]
  refused: Shortage[]
}

/** Stock and reservations in PostgreSQL, the truth. Each call serves all orders given at once. */
export type StockRepository = ReturnType<typeof createStockRepository>

export function createStockRepository(db: Database) {
  return {
    /** The present state of these SKUs; unknown ones are left out. */
    load: (skuIds: readonly string[]) => loadStock(db, skuIds),

    /** The present state of all SKUs. */
    async loadAll(): Promise<StockState[]> {
      return (await db.stock.findMany()).map(stateOf)
    },

    /** SKUs that changed in the last milliseconds, by the clock that stamps them, the database's. */
    async changedWithin(ms: number): Promise<StockState[]> {
      const rows = await db.$queryRaw<Stock[]>`
        select ${stockColumns} from stock where changed_at >= now() - make_interval(secs => ${ms / 1_000})`
      return rows.map(stateOf)
    },

    /**
     * Holds units for orders that have no reservation yet, in the order given, while there are enough. The rows are the
     * inbox: an order that has a reservation, or its tombstone, keeps it. What the gate refused is only written down.
     */
    async reserve(requests: readonly ReservationRequest[], expiresAt: Date): Promise<Outcome> {
      // The gate let them pass, so most likely there is enough for all and nobody has asked before. The statement writes
      // only if that is so; else it is looked what there is, and decided one by one.
      let known: { shelf: Shelf | null; existing: Reservation[] } = { shelf: null, existing: [] }
      for (let tries = 0; tries < maxTries; tries++) {
        const made = decide(requests, known)
        const changed = made.length === 0 ? [] : await insertReservations(db, made, movesOf(made), expiresAt)
        if (changed) return { reservations: [...known.existing, ...made], changed, repeated: known.existing }
        const [states, existing] = await Promise.all([
          loadStock(db, skusOf(requests)),
          findReservations(
            db,
            requests.map(({ orderId }) => orderId),
          ),
        ])
        known = { shelf: new Map(states.map((state) => [state.skuId, state])), existing }
      }
      throw new Error('Others were always faster to reserve the same stock; it is tried again')
    },

    /** Makes what is held for orders sold. */
    commit: (orderIds: readonly bigint[]) => settle(db, orderIds, { to: 'COMMITTED', apply: commit }),

    /** Gives back what is held for orders or sold to them, and makes sure that nothing is held for them later. */
    release: (orderIds: readonly bigint[]) =>
      settle(db, orderIds, { to: 'RELEASED', apply: release, isFinal: true }),

    /**
     * Gives back what is still only held, and marks it as untold. An order that was sold or released meanwhile stays as it
     * is.
     */
    expire: (orderIds: readonly bigint[]) =>
      settle(db, orderIds, {
        to: 'RELEASED',
        apply: (moves, reservation) => reservation.status === 'RESERVED' && release(moves, reservation),
        untold: true,
      }),

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

    /** Reservations given back because their time had run out, of which nobody was told for sure. */
    async findUntold(limit: number): Promise<Reservation[]> {
      const rows = await db.reservation.findMany({
        where: { untold: true },
        orderBy: { expiresAt: 'asc' },
        take: limit,
      })
      return rows.map(reservationOf)
    },

    /** Everybody who must know has been told of these. */
    async markTold(orderIds: readonly bigint[]): Promise<void> {
      await db.reservation.updateMany({ where: { orderId: { in: [...orderIds] } }, data: { untold: false } })
    },
  }
}

/** Orders without a reservation, as they will stand. Where the shelf is not known, it is taken to have enough. */
function decide(
  requests: readonly ReservationRequest[],
  known: { shelf: Shelf | null; existing: readonly Reservation[] },
): Reservation[] {
  const { shelf } = known
  const existing = new Set(known.existing.map(({ orderId }) => orderId))
  return requests
    .filter(({ orderId }) => !existing.has(orderId))
    .map(({ orderId, lines, refused }) => {
      const shortages = refused.length > 0 ? refused : shelf ? reserve(shelf, lines) : []
      return { orderId, lines, shortages, status: shortages.length === 0 ? 'RESERVED' : 'REJECTED' }
    })
}

/** What new reservations change. */
function movesOf(made: readonly Reservation[]): Shelf {
  const held = made.filter(({ status }) => status === 'RESERVED')
  const moves = blankShelf(held.flatMap(({ lines }) => lines))
  for (const { lines } of held) hold(moves, lines)
  return moves
}

const skusOf = (requests: readonly { lines: readonly ReservationLine[] }[]) =>
  requests.flatMap(({ lines }) => lines.map(({ skuId }) => skuId))
