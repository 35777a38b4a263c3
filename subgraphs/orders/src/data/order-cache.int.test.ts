import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis, type Redis } from '@mall/service/redis'
import { createTestDatabase, testRedisUrl, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSagaRoom, type SagaRoom } from '../testing/saga-room.ts'
import { createDatabase, type Database } from './database.ts'
import { cacheConnection, createOrderCache, type OrderCacheOptions, type OrderSource } from './order-cache.ts'

const secondDeleteAfterMs = 300
const logger = createLogger({ name: 'test', level: 'silent' })

let database: TestDatabase
let db: Database
let room: SagaRoom
let redis: Redis
let stops: (() => void)[]

beforeAll(async () => {
  database = await createTestDatabase('orders')
  db = createDatabase({ url: database.url, poolSize: 5 })
  room = createSagaRoom(db)
  // The first statement also connects and compiles: too slow for a cache.
  await room.orders.findMany([0n])
  redis = createRedis(testRedisUrl(), logger, { ...cacheConnection, enableOfflineQueue: true })
})
beforeEach(async () => {
  await redis.flushdb()
  stops = []
  return () => stops.forEach((stop) => stop())
})
afterAll(async () => {
  await closeRedis(redis)
  await db.$disconnect()
  await database.drop()
})

/** An instance's cache over a source whose reads are counted. */
function open(changes: Partial<OrderCacheOptions> = {}) {
  const findMany = vi.fn<OrderSource['findMany']>(changes.orders?.findMany ?? room.orders.findMany)
  const cache = createOrderCache({ redis, logger, secondDeleteAfterMs, ...changes, orders: { findMany } })
  const find = async (id: bigint) => (await cache.findMany([id]))[0]
  return { ...cache, find, findMany }
}
const start = (cache: ReturnType<typeof open>) => void stops.push(cache.start())
const cached = (id: bigint) => redis.get(`{orders:cache}:${id}`)
const whenFilled = (id: bigint) => vi.waitFor(async () => expect(await cached(id)).not.toBeNull())
const reserve = (orderId: bigint) => room.saga.handle([{ orderId, event: { type: 'stock-reserved' } }])

describe('the cache of orders', () => {
  it('loads an order once and then has it, the same to the last field', async () => {
    const id = await room.place()
    const cache = open()
    const loaded = await cache.find(id)
    await whenFilled(id)
    expect(await open().find(id)).toEqual(loaded)
    expect(loaded).toEqual((await room.orders.findMany([id]))[0])
    await cache.find(id)
    expect(cache.findMany).toHaveBeenCalledTimes(1)
  })

  it('keeps an order for a bounded time', async () => {
    const id = await room.place()
    await open({ ttlMs: 10_000 }).find(id)
    await whenFilled(id)
    const left = await redis.pttl(`{orders:cache}:${id}`)
    expect(left).toBeGreaterThan(7_000)
    expect(left).toBeLessThanOrEqual(12_000)
  })

  it('does not keep that there is none, so that a new order is seen at once', async () => {
    const cache = open()
    const id = await room.place({ id: 77_001n }).then(() => 77_002n)
    expect(await cache.find(id)).toBeUndefined()
    await room.place({ id })
    expect(await cache.find(id)).toMatchObject({ id })
  })

  it('answers a hundred who miss at once from one load', async () => {
    const id = await room.place()
    const gate = Promise.withResolvers<void>()
    const cache = open({ orders: { findMany: (ids) => gate.promise.then(() => room.orders.findMany(ids)) } })
    const first = Array.from({ length: 50 }, () => cache.find(id))
    await sleep(20)
    const rest = Array.from({ length: 50 }, () => cache.find(id))
    await sleep(20)
    gate.resolve()
    const found = await Promise.all([...first, ...rest])
    expect(found.every((order) => order?.id === id)).toBe(true)
    expect(cache.findMany).toHaveBeenCalledTimes(1)
  })

  it('reads a text that it does not understand as none', async () => {
    const id = await room.place()
    await redis.set(`{orders:cache}:${id}`, '[99,{}]')
    expect(await open().find(id)).toMatchObject({ id, status: 'PLACED' })
  })
})

describe('a change', () => {
  it('is read by every instance once the first delete is done, whatever was filled meanwhile', async () => {
    const id = await room.place()
    const [mine, other] = [open(), open()]
    await mine.find(id)
    await whenFilled(id)
    const stale = (await cached(id)) ?? ''
    await reserve(id)
    await mine.forget([id])
    await redis.set(`{orders:cache}:${id}`, stale)
    expect(await mine.find(id)).toMatchObject({ status: 'STOCK_RESERVED' })
    expect(await other.find(id)).toMatchObject({ status: 'STOCK_RESERVED' })
  })

  it('whose first delete was lost with its process is deleted when the broker delivers its event again', async () => {
    const id = await room.place()
    const cache = open()
    await cache.find(id)
    await whenFilled(id)
    await reserve(id)
    const heir = createSagaRoom(db, (orders) => cache.forget(orders.map(({ id }) => id)))
    await heir.saga.handle([{ orderId: id, event: { type: 'stock-reserved' } }])
    expect(await cache.find(id)).toMatchObject({ status: 'STOCK_RESERVED' })
  })

  it('is not joined to a load that began before it', async () => {
    const id = await room.place()
    const gate = Promise.withResolvers<void>()
    const findMany = vi.fn<OrderSource['findMany']>(async (ids) => {
      const found = await room.orders.findMany(ids)
      if (findMany.mock.calls.length === 1) await gate.promise
      return found
    })
    const cache = open({ orders: { findMany } })
    const before = cache.find(id)
    await vi.waitFor(() => expect(findMany).toHaveBeenCalledTimes(1))
    await reserve(id)
    await cache.forget([id])
    expect(await cache.find(id)).toMatchObject({ status: 'STOCK_RESERVED' })
    gate.resolve()
    expect(await before).toMatchObject({ status: 'PLACED' })
  })
})

/**
 * The stale write that the second delete is for: a reader misses and reads the old row, the change is committed and the
 * key deleted, then the reader fills. Resolves once the old order is in the cache.
 */
async function provokeStaleWrite(id: bigint, writer: ReturnType<typeof open>): Promise<void> {
  const gate = Promise.withResolvers<void>()
  const reader = open({
    orders: {
      async findMany(ids) {
        const found = await room.orders.findMany(ids)
        await gate.promise
        return found
      },
    },
  })
  const reading = reader.find(id)
  await vi.waitFor(() => expect(reader.findMany).toHaveBeenCalled())
  await sleep(20)
  await reserve(id)
  await writer.forget([id])
  gate.resolve()
  expect(await reading).toMatchObject({ status: 'PLACED' })
  await whenFilled(id)
  expect(await cached(id)).toContain('PLACED')
}

describe('the second delete', () => {
  it('removes what a reader filled that had read before the change', async () => {
    const id = await room.place()
    const writer = open()
    start(writer)
    await provokeStaleWrite(id, writer)
    await sleep(secondDeleteAfterMs + 150)
    expect(await cached(id)).toBeNull()
    expect(await open().find(id)).toMatchObject({ status: 'STOCK_RESERVED' })
    await whenFilled(id)
    expect(await cached(id)).toContain('STOCK_RESERVED')
  })

  it('is what removes it: without one, the old order would stay', async () => {
    const id = await room.place()
    const writer = open()
    await provokeStaleWrite(id, {
      ...writer,
      forget: async ([one]) => void (await redis.del(`{orders:cache}:${one}`)),
    })
    await sleep(secondDeleteAfterMs + 150)
    expect(await open().find(id)).toMatchObject({ status: 'PLACED' })
  })

  it('survives the process that noted it: another instance does it', async () => {
    const id = await room.place()
    await provokeStaleWrite(id, open())
    await sleep(secondDeleteAfterMs + 150)
    expect(await cached(id)).toContain('PLACED')
    start(open())
    await vi.waitFor(async () => expect(await cached(id)).toBeNull())
    expect(await redis.zcard('{orders:cache}:second-delete')).toBe(0)
  })

  it('is done within a tenth of a second for orders that keep changing', async () => {
    const cache = open()
    start(cache)
    for (let id = 1n; id <= 20n; id += 1n) {
      await cache.forget([id])
      await sleep(20)
    }
    await sleep(secondDeleteAfterMs + 120)
    expect(await redis.zcard('{orders:cache}:second-delete')).toBe(0)
  })

  it('is not needed of a reader that took too long: it does not fill', async () => {
    const id = await room.place()
    const slow = open({
      fillWithinMs: 30,
      orders: { findMany: (ids) => sleep(60).then(() => room.orders.findMany(ids)) },
    })
    expect(await slow.find(id)).toMatchObject({ id })
    await sleep(50)
    expect(await cached(id)).toBeNull()
  })
})
