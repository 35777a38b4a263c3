import { createBatcher } from '@mall/service/batcher'
import type { Logger } from '@mall/service/logger'
import type { Redis } from 'ioredis'
import { createOrderCacheStore, type Cached } from './order-cache-store.ts'
import { decodeOrder, encodeOrder } from './order-json.ts'
import type { OrderRecord } from './order-rows.ts'
import { createSecondDeletes } from './second-deletes.ts'

/** Where orders come from when the cache has none. */
export interface OrderSource {
  findMany(ids: readonly bigint[]): Promise<OrderRecord[]>
}

/** Durations in milliseconds; the defaults are those of the mall. */
export interface OrderCacheOptions {
  /** A connection of its own, made by `cacheConnection`. */
  redis: Redis
  orders: OrderSource
  logger: Logger
  /** How long an order is kept at most; each a fifth more or less, so that those filled together do not expire together. */
  ttlMs?: number
  /** When what was deleted is deleted again: longer than a reader may take from reading to filling. */
  secondDeleteAfterMs?: number
  /** A reader that took longer to load an order than this does not fill: its second delete may be over. */
  fillWithinMs?: number
  /** How long Redis is not asked after it failed. */
  restMs?: number
}

/**
 * How to connect for the cache: what takes longer than the database would is no use, nothing waits for Redis to come
 * back, and a fill whose connection broke is not sent again by a later one, when it may be out of date.
 */
export const cacheConnection = {
  commandTimeout: 200,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
} as const

/**
 * Orders by id, read from Redis before PostgreSQL: for answers to readers, never for decisions. It knows nothing of who
 * may see what; that is decided on the record by whoever asks. That there is no such order is not kept, so a new order
 * is seen at once. Redis away or slow costs its timeout once a second, never an answer.
 */
export type OrderCache = ReturnType<typeof createOrderCache>

export function createOrderCache(options: OrderCacheOptions) {
  const { redis, orders, logger, ttlMs = 60_000, fillWithinMs = 400, restMs = 1_000 } = options
  const store = createOrderCacheStore(redis)
  const longestTtlMs = ttlMs * 1.2
  const deletes = createSecondDeletes({ store, longestTtlMs, afterMs: options.secondDeleteAfterMs ?? 500 })
  const flights = new Map<bigint, Promise<OrderRecord | null>>()
  const load = createBatcher<Wanted, OrderRecord | null>({ run: loadAll })
  let restsUntil = 0

  return {
    /** The orders with these ids, in no order; unknown ids are left out. */
    async findMany(ids: readonly bigint[]): Promise<OrderRecord[]> {
      const cached = await lookUp(ids)
      const found = await Promise.all(ids.map((id, index) => find(id, cached?.[index])))
      return found.filter((order) => order !== null)
    },

    /**
     * Deletes orders that have changed, now and once more later; never throws. Once it has resolved, whoever reads them,
     * through whatever instance, reads the database until the second delete is done.
     */
    forget: deletes.forget,

    /** Does second deletes, also those that an instance left behind that is gone, until it is stopped. */
    start: deletes.start,
  }

  async function lookUp(ids: readonly bigint[]): Promise<Cached[] | null> {
    // What could not be deleted may still be there; this instance at least does not read it.
    if (ids.length === 0 || Date.now() < restsUntil || deletes.areOwed()) return null
    try {
      return await store.read(ids)
    } catch (error) {
      rest(error)
      return null
    }
  }

  function find(id: bigint, cached: Cached | undefined): Promise<OrderRecord | null> {
    // Not shared with who asked earlier: that read may have begun before the change.
    if (!cached || cached.isPending) return load({ id, fill: false })
    const order = cached.text === null ? null : decodeOrder(cached.text)
    return order ? Promise.resolve(order) : fly(id)
  }

  /** However many miss an order at once, it is loaded once. */
  function fly(id: bigint): Promise<OrderRecord | null> {
    const flying = flights.get(id)
    if (flying) return flying
    const flight = load({ id, fill: true }).finally(() => flights.delete(id))
    flights.set(id, flight)
    return flight
  }

  async function loadAll(wanted: readonly Wanted[]): Promise<(OrderRecord | null)[]> {
    const begun = performance.now()
    const found = await orders.findMany([...new Set(wanted.map(({ id }) => id))])
    const byId = new Map(found.map((order) => [order.id, order]))
    const isLate = performance.now() - begun > fillWithinMs
    const missed = wanted.flatMap(({ id, fill }) => (fill && !isLate ? (byId.get(id) ?? []) : []))
    if (missed.length > 0) void fill(missed)
    return wanted.map(({ id }) => byId.get(id) ?? null)
  }

  async function fill(missed: readonly OrderRecord[]): Promise<void> {
    const entries = missed.map((order) => ({
      id: order.id,
      text: encodeOrder(order),
      ttlMs: Math.round(ttlMs * (0.8 + Math.random() * 0.4)),
    }))
    await store.fill(entries).catch(rest)
  }

  function rest(error: unknown): void {
    if (Date.now() >= restsUntil) logger.warn({ error }, 'orders are read without their cache')
    restsUntil = Date.now() + restMs
  }
}

interface Wanted {
  id: bigint
  /** Whether the cache shall have it. */
  fill: boolean
}
