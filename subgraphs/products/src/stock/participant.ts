import { createMessage, type AnyEvent, type Envelope, type Message } from '@mall/contracts'
import type { Reservation, ReservationLine } from '../domain/reserve.ts'
import type { AnnounceStock } from './announce.ts'
import type { LiveStock } from './live-stock.ts'
import type { Outcome, StockRepository } from './stock-repository.ts'

/** What the participant needs from around it. */
export interface StockDependencies {
  stock: StockRepository
  live: LiveStock
  announce: AnnounceStock
  publish(messages: Message[]): Promise<void>
  clock(): Date
  /** How long units are held for an order that nobody decides, in milliseconds. */
  reservationMs: number
}

/** Holds, sells and gives back stock for orders. Its row per order is its inbox: a repeat gets the same answer. */
export type StockParticipant = ReturnType<typeof createStockParticipant>

export function createStockParticipant(deps: StockDependencies) {
  const { stock, live, announce, publish, clock, reservationMs } = deps

  return {
    /** `order-placed` → `stock-reserved` or `stock-rejected`. */
    async reserve(events: readonly AnyEvent[]): Promise<void> {
      const placed = events.filter((event) => event.type === 'order-placed')
      if (placed.length === 0) return
      const requests = [...new Map(placed.map(({ data }) => [data.orderId, data])).values()]
      const outcome = await stock.reserve(
        await Promise.all(
          requests.map(async ({ orderId, lines }) => ({
            orderId: BigInt(orderId),
            lines,
            refused: await live.ask(orderId, lines),
          })),
        ),
        new Date(clock().getTime() + reservationMs),
      )
      await tell(
        outcome,
        requests.flatMap(({ lines }) => lines),
      )
      const byOrder = mapByOrder(outcome.reservations)
      await publish(placed.flatMap((event) => answerOf(event, byOrder.get(event.data.orderId))))
    },

    /** `stock-release` → `stock-released`. */
    async release(events: readonly AnyEvent[]): Promise<void> {
      const asked = events.filter((event) => event.type === 'stock-release')
      if (asked.length === 0) return
      await tell(await stock.release(distinct(asked.map(({ data }) => data.orderId))))
      await publish(asked.map((cause) => createMessage('stock-released', { ...cause.data }, { cause })))
    },

    /** `order-confirmed` → sold. */
    async commit(events: readonly AnyEvent[]): Promise<void> {
      const confirmed = events.filter((event) => event.type === 'order-confirmed')
      if (confirmed.length === 0) return
      await tell(await stock.commit(distinct(confirmed.map(({ data }) => data.orderId))))
    },

    /** `order-returned` → sellable again. */
    async takeBack(events: readonly AnyEvent[]): Promise<void> {
      const returned = events.filter((event) => event.type === 'order-returned')
      if (returned.length === 0) return
      const changed = await stock.takeBack(
        returned.map(({ data: { orderId, returnId, lines } }) => ({
          orderId: BigInt(orderId),
          returnId,
          lines,
        })),
      )
      await tell(
        { changed, reservations: [] },
        returned.flatMap(({ data }) => data.lines),
      )
    },

    /** Gives back what orders never decided, as a safety net behind the saga's own deadline. Returns how many. */
    async releaseExpired(limit = 200): Promise<number> {
      const found = await stock.findExpired(clock(), limit)
      if (found.length === 0) return 0
      const outcome = await stock.expire(found)
      await tell(outcome)
      await publish(
        outcome.reservations
          .filter(({ status }) => status === 'RELEASED')
          .map(({ orderId }) =>
            createMessage('stock-released', { orderId: String(orderId), reason: 'EXPIRED' }),
          ),
      )
      return found.length
    },
  }

  /**
   * Announces all SKUs of the orders, also those that did not change now: a message that comes again may come because the
   * process died before it had announced what it did. And the gate must forget what it admitted and the database refused:
   * `asked`, because the tombstone of an order has no lines of its own.
   */
  async function tell(
    { changed, reservations }: Outcome,
    asked: readonly ReservationLine[] = [],
  ): Promise<void> {
    const told = new Set(changed.map(({ skuId }) => skuId))
    const lines = [...asked, ...reservations.flatMap((reservation) => reservation.lines)]
    const skuIds = new Set(lines.map(({ skuId }) => skuId))
    const rest = await stock.load([...skuIds].filter((skuId) => !told.has(skuId)))
    await announce(
      [...changed, ...rest],
      reservations.map(({ orderId }) => String(orderId)),
    )
  }
}

const distinct = (orderIds: readonly string[]) => [...new Set(orderIds)].map(BigInt)
const mapByOrder = (reservations: readonly Reservation[]) =>
  new Map(reservations.map((reservation) => [String(reservation.orderId), reservation]))

/** The answer follows from the stored reservation alone. A released one has been answered by releasing it. */
function answerOf(cause: Envelope<'order-placed'>, reservation: Reservation | undefined): Message[] {
  const { orderId, lines, payment, destination } = cause.data
  if (reservation?.status === 'RESERVED' || reservation?.status === 'COMMITTED')
    return [createMessage('stock-reserved', { orderId, lines, payment, destination }, { cause })]
  if (reservation?.status !== 'REJECTED') return []
  const reason = `Not enough units of ${reservation.shortages.map(({ skuId }) => skuId).join(', ')}.`.slice(
    0,
    500,
  )
  return [createMessage('stock-rejected', { orderId, reason, shortages: reservation.shortages }, { cause })]
}
