import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { testRedisUrl } from '@mall/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { rateLimitsSchema } from './config.ts'
import { createRateLimiter } from './limiter.ts'
import { createRedisStore } from './store.ts'
import { describeStore } from './store-suite.ts'

const logger = createLogger({ name: 'test', level: 'silent' })
const redis = createRedis(testRedisUrl(10), logger)
const store = createRedisStore(redis)
afterAll(() => closeRedis(redis))

describe('a store in Redis', () => {
  describeStore(() => store)

  it('forgets a key after two windows', async () => {
    const key = `rate:test:${crypto.randomUUID()}`
    await store.take({ key, need: 1, want: 1, limit: 10, window: 500 })
    const left = await redis.pttl(key)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(1_000)
  })
})

describe('several routers', () => {
  it('give out no more than the limit together, and nearly all of it, in few round trips', async () => {
    let trips = 0
    const counted = {
      take: (want: Parameters<typeof store.take>[0]) => {
        trips += 1
        return store.take(want)
      },
    }
    const limits = rateLimitsSchema.parse({ queries: { address: 10_000, user: 5_000 } })
    const routers = Array.from({ length: 3 }, () => createRateLimiter({ limits, store: counted, logger }))
    const asker = { viewer: { id: crypto.randomUUID() }, address: crypto.randomUUID() }
    let admitted = 0
    for (let i = 0; i < 7_000; i += 1)
      if ((await routers[i % 3]?.take(asker, 'queries', 1)) === undefined) admitted += 1
    expect(admitted).toBeLessThanOrEqual(5_000)
    expect(admitted).toBeGreaterThan(5_000 * 0.85)
    expect(trips).toBeLessThan(200)
  })
})
