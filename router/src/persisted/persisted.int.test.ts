import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis, type Redis } from '@mall/service/redis'
import { testRedisUrl } from '@mall/testing'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { createCounts } from '../metrics/counts.ts'
import { persistedSchema } from './config.ts'
import { hashOf } from './manifest.ts'
import { createPersisted } from './persisted.ts'

const redisUrl = testRedisUrl()
const logged: string[] = []
const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
const redis = createRedis(redisUrl, logger)
const query = '{ people { id } }'
const key = `persisted:${hashOf(query)}`
const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf(query) } }

const create = (of: Redis) =>
  createPersisted({
    config: persistedSchema.parse({}),
    manifest: new Map(),
    redis: of,
    counts: createCounts(),
    logger,
  })

beforeEach(async () => {
  logged.length = 0
  await redis.del(key)
})
afterAll(() => closeRedis(redis))

it('one router learns what another serves', async () => {
  const [one, other] = [create(redis), create(redis)]
  await expect(other.textOf({ extensions })).rejects.toThrow('PersistedQueryNotFound')
  one.learn({ query, extensions })
  await vi.waitFor(async () => expect(await other.textOf({ extensions })).toBe(query))
  expect(await redis.ttl(key)).toBeGreaterThan(80_000)
  await redis.del(key)
  expect(other.textOf({ extensions })).toBe(query)
})

it('what somebody wrote into Redis under a hash is not run when it has another', async () => {
  await redis.set(key, '{ secrets }')
  await expect(create(redis).textOf({ extensions })).rejects.toThrow('PersistedQueryNotFound')
})

it('without Redis texts are served and remembered, and that is told once', async () => {
  const away = createRedis('redis://127.0.0.1:9', createLogger({ name: 'test', level: 'silent' }), {
    enableOfflineQueue: false,
    lazyConnect: true,
  })
  const persisted = create(away)
  await expect(persisted.textOf({ extensions })).rejects.toThrow('PersistedQueryNotFound')
  expect(persisted.textOf({ query, extensions })).toBe(query)
  persisted.learn({ query, extensions })
  expect(persisted.textOf({ extensions })).toBe(query)
  await vi.waitFor(() => expect(logged).toHaveLength(1))
  expect(logged[0]).toContain('this router keeps its own')
  away.disconnect()
})
