import { blankShelf, type Reservation, type Shelf, type StockState } from '../domain/reserve.ts'
import type { Database } from '../data/database.ts'
import { findReservations } from './rows.ts'
import { settleReservations, type Settlement } from './statements.ts'

/** How reservations are moved on. */
export interface Settling {
  to: 'COMMITTED' | 'RELEASED'
  /** Decides whether a reservation moves, and what that changes; pure. */
  apply(moves: Shelf, reservation: Reservation): boolean
  /** Afterwards nothing may be held or sold, whatever comes later; it leaves tombstones. */
  isFinal?: boolean
  /** Nobody has asked for it, so somebody must be told. */
  untold?: boolean
}

/** Reservations as they stand after a batch, and the stock that it changed. */
export interface Outcome {
  reservations: Reservation[]
  changed: StockState[]
  /** Those that stood like that before: a message came again, or too late. */
  repeated: Reservation[]
}

/** How often a batch is decided anew because others came between; then its message comes again. */
export const maxTries = 20

/**
 * Reads reservations, decides, and writes what is decided, each with one statement; whom somebody else has moved on
 * between the two is read and decided again.
 */
export async function settle(
  db: Database,
  orderIds: readonly bigint[],
  { to, apply, isFinal = false, untold = false }: Settling,
): Promise<Outcome> {
  const done = new Map<bigint, Reservation>()
  const changed = new Map<string, StockState>()
  const repeated: Reservation[] = []
  let rest = [...new Set(orderIds)]
  for (let tries = 0; tries < maxTries; tries++) {
    const found = await findReservations(db, rest)
    const { settlements, unmoved } = sortOut(found, apply)
    for (const reservation of unmoved) done.set(reservation.orderId, reservation)
    repeated.push(...unmoved)
    const known = new Set(found.map(({ orderId }) => orderId))
    const tombstones = isFinal ? rest.filter((orderId) => !known.has(orderId)) : []
    rest = [...settlements.map(({ orderId }) => orderId), ...tombstones]
    if (rest.length > 0) {
      const written = await settleReservations(db, { settlements, tombstones, to, untold })
      for (const orderId of written?.buried ?? [])
        done.set(orderId, { orderId, status: to, lines: [], shortages: [] })
      for (const reservation of found)
        if (written?.settled.has(reservation.orderId))
          done.set(reservation.orderId, { ...reservation, status: to })
      for (const state of written?.changed ?? []) changed.set(state.skuId, state)
      rest = rest.filter((orderId) => !done.has(orderId))
    }
    if (rest.length === 0)
      return { reservations: [...done.values()], changed: [...changed.values()], repeated }
  }
  throw new Error('Others were always faster to move the same reservations; it is tried again')
}

function sortOut(found: readonly Reservation[], apply: Settling['apply']) {
  const settlements: Settlement[] = []
  const unmoved: Reservation[] = []
  for (const reservation of found) {
    const moves = blankShelf(reservation.lines)
    if (apply(moves, reservation))
      settlements.push({ orderId: reservation.orderId, expected: reservation.status, moves })
    else unmoved.push(reservation)
  }
  return { settlements, unmoved }
}
