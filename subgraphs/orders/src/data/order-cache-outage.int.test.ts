import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createTestDatabase, testRedisUrl, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createSagaRoom, type SagaRoom } from '../testing/saga-room.ts'
import { createDatabase, type Database } from './database.ts'
import { cacheConnection, createOrderCache } from './order-cache.ts'

const logger = createLogger({ name: 'test', level: 'silent' })

let database: TestDatabase
let db: Database
let room: SagaRoom

beforeAll(async () => {
  database = await createTestDatabase('orders')
  db = createDatabase({ url: database.url, poolSize: 5 })
  room = createSagaRoom(db)
  // The first statement also connects and compiles: too slow for a cache.
  await room.orders.findMany([0n])
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
})

/** Redis behind a line that can be cut, or hold back what is sent. */
async function openLine() {
  const { hostname, port, pathname } = new URL(testRedisUrl())
  const sockets = new Set<Socket>()
  let isHeld = false
  const server = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port) })
    near.on('data', (data) => !isHeld && far.write(data))
    far.on('data', (data) => near.write(data))
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
  })
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve))
  await listen(0)
  const address = server.address()
  const nearPort = address && typeof address === 'object' ? address.port : 0
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return {
    url: `redis://127.0.0.1:${nearPort}${pathname}`,
    hold: () => (isHeld = true),
    cut,
    mend: () => listen(nearPort),
  }
}

async function timed<T>(run: () => Promise<T>): Promise<{ result: T; tookMs: number }> {
  const begun = performance.now()
  return { result: await run(), tookMs: performance.now() - begun }
}

describe('while Redis is away', () => {
  it('orders are read from the database, without waiting', async () => {
    const line = await openLine()
    const redis = createRedis(line.url, logger, cacheConnection)
    const cache = createOrderCache({ redis, orders: room.orders, logger })
    await line.cut()
    const id = await room.place()
    const { result, tookMs } = await timed(() => cache.findMany([id]))
    expect(result).toMatchObject([{ id }])
    expect(tookMs).toBeLessThan(1_000)
    redis.disconnect()
  })

  it('a Redis that does not answer costs its timeout once, not every reader', async () => {
    const line = await openLine()
    const redis = createRedis(line.url, logger, cacheConnection)
    await vi.waitFor(() => expect(redis.status).toBe('ready'))
    const cache = createOrderCache({ redis, orders: room.orders, logger })
    const id = await room.place()
    line.hold()
    const first = await timed(() => cache.findMany([id]))
    const second = await timed(() => cache.findMany([id]))
    expect([first.result, second.result]).toMatchObject([[{ id }], [{ id }]])
    expect(first.tookMs).toBeLessThan(1_000)
    expect(second.tookMs).toBeLessThan(cacheConnection.commandTimeout)
    redis.disconnect()
    await line.cut()
  })

  it('what should have been deleted is deleted when Redis is back, and not read before', async () => {
    const line = await openLine()
    const redis = createRedis(line.url, logger, cacheConnection)
    const direct = createRedis(testRedisUrl(), logger)
    await vi.waitFor(() => expect(redis.status).toBe('ready'))
    const cache = createOrderCache({ redis, orders: room.orders, logger, restMs: 1 })
    const stop = cache.start()
    const id = await room.place()
    await cache.findMany([id])
    await vi.waitFor(async () => expect(await direct.get(`{orders:cache}:${id}`)).not.toBeNull())
    await line.cut()
    await vi.waitFor(() => expect(redis.status).not.toBe('ready'))
    await room.saga.handle([{ orderId: id, event: { type: 'stock-reserved' } }])
    await cache.forget([id])
    await line.mend()
    const until = Date.now() + 3_000
    while (Date.now() < until && (await direct.get(`{orders:cache}:${id}`))) {
      expect(await cache.findMany([id])).toMatchObject([{ status: 'STOCK_RESERVED' }])
      await sleep(20)
    }
    expect(await direct.get(`{orders:cache}:${id}`)).toBeNull()
    stop()
    redis.disconnect()
    await closeRedis(direct)
    await line.cut()
  })
})
