import { setTimeout } from 'node:timers/promises'
import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { testRedisUrl } from '@mall/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { rateLimitsSchema } from './config.ts'
import { createRateLimiter } from './limiter.ts'
import { createMemoryStore, createRedisStore } from './store.ts'
import { describeStore } from './store-suite.ts'

const logger = createLogger({ name: 'test', level: 'silent' })
const redis = createRedis(testRedisUrl(), logger)
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

it('Redis and memory answer the same to the same', async () => {
  // So long a window that the time between two questions does not matter.
  const window = 1_000_000_000_000
  const index = Math.floor(Date.now() / window)
  const key = `rate:test:${crypto.randomUUID()}`
  const elapsed = Date.now() - index * window
  let now = index * window - 1
  const memory = createMemoryStore(() => now)
  await memory.take({ key, need: 1, want: 60, limit: 100, window })
  await redis.hset(key, { index: index - 1, current: 60, previous: 0 })
  now += elapsed + 1
  const asked = [1, 7, 30, 12, 25, 3, 101, 9, 4, 2, 1, 1, 1, 1, 1]
  const answers = []
  for (const need of asked) {
    const want = { key, need, want: need + 5, limit: 100, window }
    answers.push([await store.take(want), await memory.take(want)])
  }
  expect(answers.some(([inRedis]) => inRedis?.granted === 0)).toBe(true)
  for (const [inRedis, inMemory] of answers) {
    expect(inRedis?.granted).toBe(inMemory?.granted)
    expect(Math.abs((inRedis?.retryAfter ?? 0) - (inMemory?.retryAfter ?? 0))).toBeLessThan(60_000)
  }
})

it('a limiter goes on without Redis, says so once, and counts there again when it is back', async () => {
  const logged: string[] = []
  const away = createRedis(testRedisUrl(), createLogger({ name: 'test', level: 'silent' }), {
    enableOfflineQueue: false,
    lazyConnect: true,
  })
  const limiter = createRateLimiter({
    limits: rateLimitsSchema.parse({ queries: { address: 1_000, user: 3 } }),
    store: createRedisStore(away),
    logger: createLogger({ name: 'test' }, { write: (line) => void logged.push(line) }),
  })
  const asker = { viewer: { id: crypto.randomUUID() }, address: crypto.randomUUID() }
  for (let i = 0; i < 3; i += 1) expect(await limiter.take(asker, 'queries', 1)).toBeUndefined()
  expect(await limiter.take(asker, 'queries', 1)).toBeGreaterThan(0)
  expect(logged).toHaveLength(1)
  await setTimeout(1_050)
  const other = { ...asker, viewer: { id: crypto.randomUUID() } }
  expect(await limiter.take(other, 'queries', 1)).toBeUndefined()
  expect(await redis.hget(`rate:queries:user:${other.viewer.id}`, 'current')).toBe('1')
  expect(logged).toHaveLength(1)
  await closeRedis(away)
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
