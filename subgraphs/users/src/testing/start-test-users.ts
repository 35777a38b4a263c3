import { createLogger } from '@mall/service/logger'
import { createTestDatabase, testRedisUrl } from '@mall/testing'
import { loadConfig } from '../config.ts'
import { createDatabase } from '../data/database.ts'
import type { AnnounceRights } from '../rights.ts'
import { seedUsers } from '../seed.ts'
import { startUsers } from '../users.ts'

export interface TestUsers {
  readonly urls: string[]
  close(): Promise<void>
}

/** Instances of the subgraph on a fresh, seeded database, and the Redis database of the test file. */
export async function startTestUsers({
  instances = 1,
  env = {},
  announce = () => {},
}: {
  readonly instances?: number
  readonly env?: NodeJS.ProcessEnv
  readonly announce?: AnnounceRights
}): Promise<TestUsers> {
  const database = await createTestDatabase('users')
  const db = createDatabase({ url: database.url, poolSize: 2 })
  await seedUsers(db)
  await db.$disconnect()
  const redisUrl = testRedisUrl()
  const config = loadConfig({ DATABASE_URL: database.url, REDIS_URL: redisUrl, PORT: '0', ...env })
  const logger = createLogger({ name: 'test', level: 'silent' })
  const running = await Promise.all(
    Array.from({ length: instances }, () => startUsers({ config, logger, announce })),
  )
  return {
    urls: running.map(({ url }) => url),
    async close() {
      await Promise.all(running.map((users) => users.close()))
      await database.drop()
    },
  }
}
