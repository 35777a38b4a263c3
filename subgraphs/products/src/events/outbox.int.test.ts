import { cacheTagKey } from '@mall/service/cache-tags'
import { closeRedis, createRedis } from '@mall/service/redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Message } from '@mall/contracts'
import { createCachedAnswers } from '../data/cached-answers.ts'
import { createCatalogueRepository, type CatalogueRepository } from '../data/catalogue-repository.ts'
import { openStockRoom, quiet, type StockRoom } from '../testing/stock-room.ts'
import { startOutbox, type Outbox } from './outbox.ts'

let room: StockRoom
let catalogue: CatalogueRepository
let outbox: Outbox | undefined
beforeAll(async () => {
  room = await openStockRoom()
  catalogue = createCatalogueRepository(room.db)
  for (const slug of ['mug', 'lamp'])
    await catalogue.create({
      slug,
      name: slug,
      description: '',
      categoryId: 'kitchen',
      skus: [{ code: slug, options: [], price: 1_990, currency: 'CNY', initialStock: 0 }],
    })
})
beforeEach(async () => {
  await catalogue.markPublished(await catalogue.findUnpublished(10))
  await room.redis.flushdb()
})
afterEach(() => outbox?.stop())
afterAll(() => room.close())

const dear = { id: 'mug', fields: {}, skus: [{ id: 'sku-mug', price: 2_490 }] }
const unpublished = async () => (await catalogue.findUnpublished(10)).map(({ productId }) => productId)
const tags = ['catalogue', 'product-mug', 'sku-sku-mug', 'product-lamp', 'sku-sku-lamp']
const versions = () => room.redis.mget(tags.map(cacheTagKey))

/** The outbox of an instance that others' crashes left work for. */
function start({ publish = () => Promise.resolve(), redis = room.redis }: Partial<Parts> = {}): void {
  const cached = createCachedAnswers(redis)
  const { db, stock } = room
  outbox = startOutbox({
    db,
    catalogue,
    stock,
    announce: () => Promise.resolve(),
    cached,
    publish,
    logger: quiet,
  })
}
interface Parts {
  publish(messages: Message[]): Promise<void>
  redis: StockRoom['redis']
}

describe('a product that was changed by an instance that died right after the commit', () => {
  it('is forgotten by routers within a second, with its variants and all lists; other products are not', async () => {
    await catalogue.update(dear)
    start()
    await expect.poll(versions, { timeout: 1_000 }).toEqual(['1', '1', '1', null, null])
    await expect.poll(unpublished).toEqual([])
  })

  it('is forgotten while Kafka is away, and told when it is back', async () => {
    await catalogue.update(dear)
    let isAway = true
    const told: string[] = []
    start({
      publish: (messages) => {
        if (isAway) return Promise.reject(new Error('no broker answers'))
        told.push(...messages.map(({ topic }) => topic))
        return Promise.resolve()
      },
    })
    await expect.poll(async () => (await versions())[1], { timeout: 1_000 }).toBe('1')
    expect(await unpublished()).toEqual(['mug'])
    isAway = false
    await expect.poll(unpublished, { timeout: 3_000 }).toEqual([])
    expect(told).toEqual(['catalogue-changed'])
  })

  it('is told while Redis is away, and stays due until routers have forgotten it', async () => {
    await catalogue.update(dear)
    const away = createRedis('redis://127.0.0.1:9', quiet, {
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
    })
    const told: string[] = []
    start({
      redis: away,
      publish: (messages) => Promise.resolve(void told.push(...messages.map(({ topic }) => topic))),
    })
    await expect.poll(() => told).toContain('catalogue-changed')
    await outbox?.stop()
    expect(await unpublished()).toEqual(['mug'])
    start()
    await expect.poll(unpublished, { timeout: 3_000 }).toEqual([])
    expect((await versions())[1]).toBe('1')
    await closeRedis(away)
  })
})

describe('a change through the graph', () => {
  it('does not wait for a Redis that does not answer', async () => {
    const away = createRedis('redis://127.0.0.1:9', quiet)
    const begun = performance.now()
    await createCachedAnswers(away).tryToForget({ productId: 'mug', skus: [] })
    expect(performance.now() - begun).toBeLessThan(1_000)
    await closeRedis(away)
  })
})
