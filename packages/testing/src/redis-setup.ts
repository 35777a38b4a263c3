import { Redis } from 'ioredis'

/**
 * Before each file of integration tests: gives it two empty databases of the test Redis that no file running beside it
 * has (`testRedisUrl`). Channels are one for all databases: give those names of the test's own.
 */
const server = process.env.TEST_REDIS_URL
if (!server)
  throw new Error('TEST_REDIS_URL is not set: run integration tests through npm, or vitest with its project')
const first = 2 * Number(process.env.VITEST_POOL_ID)
const database = (number: number) => Object.assign(new URL(server), { pathname: `/${number}` }).href
process.env.TEST_REDIS_URL = database(first)
process.env.TEST_REDIS_SECOND_URL = database(first + 1)

const redis = new Redis(database(first))
await redis.flushdb()
await redis.select(first + 1)
await redis.flushdb()
await redis.quit()
