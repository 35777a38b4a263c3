import { createHash } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Logger } from './logger.ts'

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  /** Most connections of this process. All instances together must stay below the server's limit. */
  readonly poolSize: number
  readonly logger?: Logger
}

/** How many different statements are prepared per connection; more are sent unprepared. */
const MAX_PREPARED = 500

/**
 * What a Prisma client reaches PostgreSQL by: `new PrismaClient({ adapter })`. Waiting for a connection ends after
 * 3 s and a statement after 30 s with an error; nothing hangs. Statements are prepared once per connection.
 */
export function createDatabaseAdapter({ url, poolSize, logger }: DatabaseOptions): PrismaPg {
  const names = new Map<string, string>()
  return new PrismaPg(
    {
      connectionString: url,
      max: poolSize,
      connectionTimeoutMillis: 3_000,
      idleTimeoutMillis: 30_000,
      statement_timeout: 30_000,
      keepAlive: true,
    },
    {
      onPoolError: (error) => logger?.warn({ error }, 'an idle database connection was lost'),
      onConnectionError: (error) => logger?.warn({ error }, 'a database connection was lost'),
      statementNameGenerator: ({ sql }) => {
        const known = names.get(sql)
        if (known) return known
        if (names.size >= MAX_PREPARED) return ''
        const name = createHash('sha1').update(sql).digest('base64url')
        names.set(sql, name)
        return name
      },
    },
  )
}
