import { createMessage, type AnyEvent, type Envelope, type Message } from '@mall/contracts'
import type { Reservation, StockState } from '../domain/reserve.ts'
import type { AnnounceStock } from './announce.ts'
import type { LiveStock } from './live-stock.ts'
import type { Outcome } from './settle.ts'
import type { StockRepository } from './stock-repository.ts'

/** What the participant needs from around it. */
export interface StockDependencies {
  stock: StockRepository
  live: LiveStock
  announce: AnnounceStock
  clock(): Date
  /** How long units are held for an order that nobody decides, in milliseconds. */
  reservationMs: number
}

/** Holds, sells and gives back stock for orders. Its row per order is its inbox: a repeat gets the same answer. */
export type StockParticipant = ReturnType<typeof createStockParticipant>

export function createStockParticipant(deps: StockDependencies) {
  const { stock, live, announce, clock, reservationMs } = deps

  return {
    /** `order-placed` → `stock-reserved` or `stock-rejected`. */
    async reserve(events: readonly AnyEvent[]): Promise<void> {
      const placed = events.filter((event) => event.type === 'order-placed')
      if (placed.length === 0) return
      const requests = [...new Map(placed.map(({ data }) => [data.orderId, data])).values()]
      const refused = await live.ask(requests)
      const outcome = await stock.reserve(
        requests.map(({ orderId, lines }, i) => ({
          orderId: BigInt(orderId),
          lines,
          refused: refused[i] ?? [],
        })),
        new Date(clock().getTime() + reservationMs),
      )
      const byOrder = mapByOrder(outcome.reservations)
      await announce(await toTell(outcome), {
        decided: requests,
        answers: placed.flatMap((event) => answerOf(event, byOrder.get(event.data.orderId))),
      })
    },

    /** `stock-release` → `stock-released`. */
    async release(events: readonly AnyEvent[]): Promise<void> {
      const asked = events.filter((event) => event.type === 'stock-release')
      if (asked.length === 0) return
      const outcome = await stock.release(distinct(asked.map(({ data }) => data.orderId)))
      await announce(await toTell(outcome), {
        answers: asked.map((cause) => createMessage('stock-released', { ...cause.data }, { cause })),
      })
    },

    /** `order-confirmed` → sold. */
    async commit(events: readonly AnyEvent[]): Promise<void> {
      const confirmed = events.filter((event) => event.type === 'order-confirmed')
      if (confirmed.length === 0) return
      const outcome = await stock.commit(distinct(confirmed.map(({ data }) => data.orderId)))
      await announce(await toTell(outcome))
    },

    /** `order-returned` → sellable again. */
    async takeBack(events: readonly AnyEvent[]): Promise<void> {
      const returned = events.filter((event) => event.type === 'order-returned')
      if (returned.length === 0) return
      await stock.takeBack(
        returned.map(({ data: { orderId, returnId, lines } }) => ({
          orderId: BigInt(orderId),
          returnId,
          lines,
        })),
      )
      // Also of what had come back before: see toTell.
      await announce(await stock.load(returned.flatMap(({ data }) => data.lines.map(({ skuId }) => skuId))))
    },

    /**
     * Gives back what orders never decided, as a safety net behind the saga's own deadline, and tells of it until the
     * broker has it, whichever instance gave it back. Returns how many were told of.
     */
    async releaseExpired(limit = 200): Promise<number> {
      const expired = await stock.findExpired(clock(), limit)
      if (expired.length > 0) await stock.expire(expired)
      const untold = await stock.findUntold(limit)
      if (untold.length === 0) return 0
      await announce(await stock.load(skusOf(untold)), {
        answers: untold.map(({ orderId }) =>
          createMessage('stock-released', { orderId: String(orderId), reason: 'EXPIRED' }),
        ),
      })
      await stock.markTold(untold.map(({ orderId }) => orderId))
      return untold.length
    },
  }

  /**
   * Stock to tell of: what changed, and the present state of what was changed before. A message that comes again may come
   * because the process died before it had told what it did.
   */
  async function toTell({ changed, repeated }: Outcome): Promise<StockState[]> {
    const skuIds = skusOf(repeated)
    if (skuIds.length === 0) return changed
    const now = new Map(changed.map((state) => [state.skuId, state]))
    return [...changed, ...(await stock.load(skuIds.filter((skuId) => !now.has(skuId))))]
  }
}

const distinct = (orderIds: readonly string[]) => [...new Set(orderIds)].map(BigInt)
const skusOf = (reservations: readonly Reservation[]) =>
  reservations.flatMap(({ lines }) => lines.map(({ skuId }) => skuId))
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
