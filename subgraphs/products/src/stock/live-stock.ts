import type { Logger } from '@mall/service/logger'
import type { Redis } from 'ioredis'
import type { ReservationLine, Shortage, StockState } from '../domain/reserve.ts'
import { createStockRedis } from './stock-redis.ts'

/** An order and what it asks for, or asked. */
export interface Asked {
  orderId: string
  lines: readonly Pick<ReservationLine, 'skuId' | 'quantity'>[]
}

/** What the live copy needs from around it. */
export interface LiveStockOptions {
  logger: Logger
  loadAll(): Promise<StockState[]>
  load(skuIds: string[]): Promise<StockState[]>
  /** What changed in the last milliseconds. */
  loadRecent(withinMs: number): Promise<StockState[]>
  clock(): Date
  /** Told of states that Redis should have had and had not, so that others may not have heard of them either. */
  onMissed?(states: readonly StockState[]): void
}

/** A change is stamped when its transaction begins and seen when it ends; this is the most that may lie between. */
const longestTransactionMs = 5_000

/**
 * Stock in Redis: what readers see, and a gate that refuses hopeless orders before they reach the database. It never
 * decides alone: what it admits PostgreSQL still decides, and while it is out of date it admits everything.
 */
export type LiveStock = ReturnType<typeof createLiveStock>

export function createLiveStock(client: Redis, options: LiveStockOptions) {
  const redis = createStockRedis(client, options.clock)
  let isCurrent = false
  // Only the latest rebuild may say that it is done: an earlier one may have read before what the latest is for.
  let latest = 0
  let building = 0
  let keptAt = performance.now()

  // A Redis that has restarted may have lost its last second, or everything.
  client.on('ready', () => void rebuild())
  client.on('close', () => (isCurrent = false))

  async function rebuild(): Promise<void> {
    const turn = ++latest
    isCurrent = false
    building += 1
    try {
      const begun = performance.now()
      const states = await options.loadAll()
      if (turn !== latest) return
      // Before the first state: when Redis restarts in between, the signature is not that of its new run.
      const runId = await redis.runId()
      // Which orders were decided while Redis could not be told is not known, so all are forgotten. At worst the gate
      // admits more than there is, and the database refuses it.
      report(await redis.apply(states, [], { forget: true }))
      await redis.sign(runId)
      if (turn !== latest) return
      isCurrent = true
      keptAt = begun
    } catch (error) {
      options.logger.error({ error }, 'stock in Redis could not be rebuilt yet')
      if (turn === latest) setTimeout(() => void rebuild(), 1_000).unref()
    } finally {
      building -= 1
    }
  }

  function report(missed: readonly StockState[]): void {
    if (missed.length > 0) options.onMissed?.(missed)
  }

  return {
    rebuild,

    /** Takes over newer states, tells their watchers, and forgets what the decided orders asked. */
    async apply(states: readonly StockState[], decided: readonly Asked[] = []): Promise<void> {
      if (client.status !== 'ready') throw new Error('Redis is away')
      await redis.apply(states, decided)
    },

    isCurrent: () => isCurrent,

    /** The copy may have missed something: it is not believed until it has been kept up. */
    distrust(): void {
      isCurrent = false
    },

    /**
     * Keeps the copy up with the database, whatever was lost on the way: what changed since the last time is applied once
     * more. A copy that was not built on this run of Redis, or is gone, is built anew. To be called every second.
     */
    async keepUp(): Promise<void> {
      if (building > 0 || client.status !== 'ready') return
      const turn = latest
      try {
        if (!(await redis.isSigned())) return await rebuild()
        const begun = performance.now()
        report(await redis.apply(await options.loadRecent(begun - keptAt + longestTransactionMs)))
        keptAt = begun
        if (turn === latest) isCurrent = true
      } catch (error) {
        if (isCurrent) options.logger.warn({ error }, 'stock in Redis could not be kept up')
        isCurrent = false
      }
    },

    /** What each order would be short of; empty for those that may go on to the database. Never throws. */
    async ask(orders: readonly Asked[]): Promise<Shortage[][]> {
      if (!isCurrent) return orders.map(() => [])
      try {
        return await redis.ask(orders)
      } catch (error) {
        options.logger.warn({ error }, 'the gate is away, so the database decides alone')
        isCurrent = false
        return orders.map(() => [])
      }
    },

    /** The state of SKUs by id, from Redis where it has them, else from the database. */
    async read(skuIds: readonly string[]): Promise<Map<string, StockState>> {
      const found = isCurrent ? await redis.read(skuIds).catch(() => []) : []
      const known = new Map(found.map((state) => [state.skuId, state]))
      const missing = skuIds.filter((skuId) => !known.has(skuId))
      if (missing.length === 0) return known
      const loaded = await options.load(missing)
      for (const state of loaded) known.set(state.skuId, state)
      return known
    },
  }
}
