import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createRightsReader, publishRights, RIGHTS_KEY } from '@mall/service/rights'
import { testRedisUrl } from '@mall/testing'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startLibrary } from './testing/start-library.ts'

const redisUrl = testRedisUrl()
const logger = createLogger({ name: 'test', level: 'silent' })
const redis = createRedis(redisUrl, logger)
const rights = createRightsReader({ redisUrl, logger })
let library: Awaited<ReturnType<typeof startLibrary>>

beforeAll(async () => {
  await redis.del(RIGHTS_KEY)
  library = await startLibrary({
    rights,
    keys: [
      { name: 'clerk', key: 'key_clerk', roles: ['clerk'], scopes: ['own'], customer: 'user-7' },
      { name: 'plain', key: 'key_plain', scopes: ['own'], customer: 'user-7' },
    ],
  })
})
afterAll(async () => {
  await library.close()
  await rights.close()
  await closeRedis(redis)
})

const whoAmI = async (key: string) => {
  const { status, body } = await library.ask('/v1/me', { key })
  return status === 200 ? JSON.parse(body.data).scopes : status
}

it("a key's roles have the permissions of the moment, and never those of the customer", async () => {
  expect([await whoAmI('key_clerk'), await whoAmI('key_plain')]).toEqual([503, ['own']])

  const publish = (version: number, clerk: string[]) =>
    publishRights(redis, {
      version,
      roles: { clerk, admin: ['everything'] },
      users: { 'user-7': ['admin'] },
      revokedSessions: {},
    })
  await publish(1, ['books:lend'])
  await rights.ready
  expect(await whoAmI('key_clerk')).toEqual(['own', 'books:lend'])
  expect(await whoAmI('key_plain')).toEqual(['own'])

  await publish(2, [])
  await vi.waitFor(async () => expect(await whoAmI('key_clerk')).toEqual(['own']), { timeout: 1_000 })
})
