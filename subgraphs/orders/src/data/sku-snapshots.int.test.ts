import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createTestDatabase, eventually, testRedisUrl, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from './database.ts'
import { createSkuSnapshots } from './sku-snapshots.ts'

const redis = createRedis(testRedisUrl(), createLogger({ name: 'test', level: 'silent' }))
let database: TestDatabase
let db: Database
beforeAll(async () => {
  database = await createTestDatabase('orders')
  db = createDatabase({ url: database.url, poolSize: 2 })
})
afterAll(async () => {
  await closeRedis(redis)
  await db.$disconnect()
  await database.drop()
})

const stock = (available: number, version: number) => ({
  skuId: 'mug',
  available,
  reserved: 0,
  sold: 0,
  version,
})

describe('what orders know of a SKU', () => {
  it('is the newest catalogue and the newest stock, in whatever order they are told', async () => {
    const skus = createSkuSnapshots(db, redis)
    const product = (name: string, version: number) => ({
      productId: 'mugs',
      slug: 'mug',
      name,
      version,
      archived: false,
      skus: [
        { id: 'mug', code: 'MUG', options: [], price: 1_990, currency: 'CNY' as const, archived: false },
      ],
    })
    await skus.saveCatalogue([product('Newer', 2), product('Older', 1)])
    await skus.saveCatalogue([product('Older', 1)])
    await skus.saveStock([stock(7, 3), stock(0, 2)])
    await skus.saveStock([stock(0, 1)])
    expect((await skus.load(['mug', 'unknown'])).get('mug')).toMatchObject({ name: 'Newer', available: 7 })
    await skus.saveStock([stock(0, 4)])
    expect((await skus.load(['mug'])).get('mug')?.available).toBe(0)
  })

  it('is no hint of stock when Redis comes back, for it may have lost the newest', async () => {
    const skus = createSkuSnapshots(db, redis)
    await skus.saveStock([stock(0, 9)])
    expect((await skus.load(['mug'])).get('mug')?.available).toBe(0)
    redis.disconnect(true)
    await eventually(
      'the hint is gone',
      async () => (await skus.load(['mug'])).get('mug')?.available === null,
    )
  })
})
