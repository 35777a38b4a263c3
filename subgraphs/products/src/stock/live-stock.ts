import type { Logger } from '@mall/service/logger'
import type { Redis } from 'ioredis'
import type { ReservationLine, Shortage, StockState } from '../domain/reserve.ts'
import { applyScript, askScript } from './scripts.ts'

/**
 * Stock in Redis: what readers see, and a gate that refuses hopeless orders before they reach the database. It never
 * decides alone: what it admits PostgreSQL still decides, and while it is out of date it admits everything.
 */
export type LiveStock = ReturnType<typeof createLiveStock>

export function createLiveStock(
  redis: Redis,
  options: {
    logger: Logger
    loadAll(): Promise<StockState[]>
    load(skuIds: string[]): Promise<StockState[]>
  },
) {
  redis.defineCommand('stockAsk', { lua: askScript })
  redis.defineCommand('stockApply', { numberOfKeys: 2, lua: applyScript })
  const scripts = redis as Redis & StockScripts
  let isCurrent = false
  // Only the latest rebuild may say that it is done: an earlier one may have read before what the latest is for.
  let latest = 0

  // A Redis that has restarted may have lost its last second, or everything.
  redis.on('ready', () => void rebuild())
  redis.on('close', () => (isCurrent = false))

  async function rebuild(): Promise<void> {
    const turn = ++latest
    isCurrent = false
    try {
      const states = await options.loadAll()
      if (turn !== latest) return
      await forgetAsked(states)
      await apply(states)
      if (turn === latest) isCurrent = true
    } catch (error) {
      options.logger.error({ error }, 'stock in Redis could not be rebuilt yet')
      if (turn === latest) setTimeout(() => void rebuild(), 1_000).unref()
    }
  }

  /**
   * Which orders were decided while Redis could not be told is not known, so all are forgotten. At worst the gate admits
   * more than there is, and the database refuses it.
   */
  async function forgetAsked(states: readonly StockState[]): Promise<void> {
    await Promise.all(
      states.map(async ({ skuId }) => {
        const [state, asked] = keysOf(skuId)
        await redis.multi().del(asked).hdel(state, 'pending').exec()
      }),
    )
  }

  /** Takes over newer states and forgets what the decided orders asked. */
  async function apply(states: readonly StockState[], decided: readonly string[] = []): Promise<void> {
    await Promise.all(
      states.map(({ skuId, available, reserved, sold, version }) =>
        scripts.stockApply(...keysOf(skuId), available, reserved, sold, version, ...decided),
      ),
    )
  }

  return {
    rebuild,
    apply,
    isCurrent: () => isCurrent,

    /** What an order would be short of; empty when it may go on to the database. Never throws. */
    async ask(orderId: string, lines: readonly ReservationLine[]): Promise<Shortage[]> {
      if (!isCurrent) return []
      try {
        const keys = lines.flatMap(({ skuId }) => keysOf(skuId))
        const [answer, ...free] = await scripts.stockAsk(
          keys.length,
          ...keys,
          orderId,
          ...lines.map(({ quantity }) => quantity),
        )
        if (answer !== 'INSUFFICIENT') return []
        return lines
          .map(({ skuId, quantity }, i) => ({
            skuId,
            requested: quantity,
            available: Math.max(Number(free[i]), 0),
          }))
          .filter(({ requested, available }) => available < requested)
      } catch (error) {
        options.logger.warn({ error }, 'the gate is away, so the database decides alone')
        return []
      }
    },

    /** The state of SKUs by id, from Redis where it has them, else from the database. */
    async read(skuIds: readonly string[]): Promise<Map<string, StockState>> {
      const found = isCurrent ? await readFrom(redis, skuIds).catch(() => []) : []
      const known = new Map(found.map((state) => [state.skuId, state]))
      const missing = skuIds.filter((skuId) => !known.has(skuId))
      if (missing.length === 0) return known
      const loaded = await options.load(missing)
      for (const state of loaded) known.set(state.skuId, state)
      return known
    },
  }
}

interface StockScripts {
  stockAsk(...args: (string | number)[]): Promise<[string, ...number[]]>
  stockApply(...args: (string | number)[]): Promise<number>
}

const keysOf = (skuId: string): [string, string] => [`stock:{${skuId}}`, `stock:{${skuId}}:asked`]

async function readFrom(redis: Redis, skuIds: readonly string[]): Promise<StockState[]> {
  const rows = await Promise.all(
    skuIds.map((skuId) => redis.hmget(keysOf(skuId)[0], 'available', 'reserved', 'sold', 'version')),
  )
  return rows.flatMap(([available, reserved, sold, version], index) => {
    const skuId = skuIds[index]
    if (!skuId || !available || !reserved || !sold || !version) return []
    return [
      {
        skuId,
        available: Number(available),
        reserved: Number(reserved),
        sold: Number(sold),
        version: Number(version),
      },
    ]
  })
}
