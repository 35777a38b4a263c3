import { randomUUID } from 'node:crypto'
import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createTestDatabase, testRedisUrl } from '@mall/testing'
import { createDatabase, type Database } from '../data/database.ts'
import type { ReservationLine, StockState } from '../domain/reserve.ts'
import { createLiveStock } from '../stock/live-stock.ts'
import { createStockRepository } from '../stock/stock-repository.ts'

/** A logger for what is expected to go wrong. */
export const quiet = createLogger({ name: 'test', level: 'silent' })

/** Stock on a database of its own, with the copy in Redis. */
export type StockRoom = Awaited<ReturnType<typeof openStockRoom>>

export async function openStockRoom({ redisUrl = testRedisUrl(), clock = () => new Date() } = {}) {
  const database = await createTestDatabase('products')
  const db = createDatabase({ url: database.url, poolSize: 10 })
  const redis = createRedis(redisUrl, quiet)
  const stock = createStockRepository(db)
  const live = createLiveStock(redis, {
    logger: quiet,
    load: stock.load,
    loadAll: stock.loadAll,
    loadRecent: stock.changedWithin,
    clock,
  })
  // The connection starts a rebuild of its own when it stands, and the gate is open meanwhile: this one is the last.
  await redis.ping()
  await live.rebuild()
  return {
    db,
    redis,
    stock,
    live,

    /** A SKU with so many free units; answers with its id. */
    async shelve(available: number): Promise<string> {
      const skuId = `sku-${randomUUID()}`
      const state = { skuId, available, reserved: 0, sold: 0, version: 1 }
      await db.stock.create({ data: state })
      await live.apply([state])
      return skuId
    },

    /** What PostgreSQL says of a SKU. */
    async stateOf(skuId: string): Promise<StockState> {
      const [state] = await stock.load([skuId])
      if (!state) throw new Error(`There is no stock of ${skuId}`)
      return state
    },

    async close(): Promise<void> {
      await closeRedis(redis)
      await db.$disconnect()
      await database.drop()
    },
  }
}

/** An order for these units, as the repository takes it. */
export const requestOf = (orderId: bigint, ...lines: [skuId: string, quantity: number][]) => ({
  orderId,
  lines: lines.map(([skuId, quantity]) => lineOf(skuId, quantity)),
  refused: [],
})

/** Units of one SKU. */
export const lineOf = (skuId: string, quantity: number): ReservationLine => ({
  skuId,
  productId: 'product',
  quantity,
})

/** How each of these reservations stands, by order. */
export async function statusesOf(db: Database): Promise<Record<string, string>> {
  const rows = await db.reservation.findMany({ orderBy: { orderId: 'asc' } })
  return Object.fromEntries(rows.map(({ orderId, status }) => [String(orderId), status]))
}
