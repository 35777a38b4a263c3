import type { Logger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import type { RouterFile } from './config.ts'
import { limitsSchema, type Limits } from './limits/config.ts'
import type { Counts } from './metrics/counts.ts'
import { namesIn, readManifest } from './persisted/manifest.ts'
import { createPersisted, type Persisted } from './persisted/persisted.ts'
import { persistedSchema } from './persisted/config.ts'
import { concurrencySchema, createGate, type Gate } from './pipeline/gate.ts'
import { defaultIntrospection, type IntrospectionConfig } from './pipeline/introspection.ts'
import { rateLimitsSchema } from './rate-limits/config.ts'
import { createRateLimiter, type RateLimiter } from './rate-limits/limiter.ts'
import { createRedisStore } from './rate-limits/store.ts'

/** What keeps clients from asking too much, beside access rules. */
export interface Protection {
  readonly limits: Limits
  readonly introspection: IntrospectionConfig
  readonly limiter: RateLimiter
  readonly gate: Gate
  readonly persisted: Persisted
  /** Of registered operations. */
  readonly names: ReadonlySet<string>
  close(): Promise<void>
}

/** Nobody waits for a Redis that is slow or away: routers count and remember for themselves then. */
const connection = { commandTimeout: 250, enableOfflineQueue: false, enableAutoPipelining: true }

/** Throws when the manifest of operations cannot be read. */
export async function createProtection({
  file,
  redisUrl,
  isProduction,
  counts,
  logger,
}: {
  readonly file: RouterFile
  /** What routers share; null: each counts for itself. */
  readonly redisUrl: string | null
  readonly isProduction: boolean
  readonly counts: Counts
  readonly logger: Logger
}): Promise<Protection> {
  const config = file.persisted ?? persistedSchema.parse({})
  const manifest =
    config.manifest === undefined ? new Map<string, string>() : await readManifest(config.manifest)
  const redis = redisUrl === null ? null : createRedis(redisUrl, logger, connection)
  return {
    limits: file.limits ?? limitsSchema.parse({}),
    introspection: file.introspection ?? defaultIntrospection(isProduction),
    limiter: createRateLimiter({
      limits: file.rateLimits ?? rateLimitsSchema.parse({}),
      store: redis && createRedisStore(redis),
      logger,
    }),
    gate: createGate(file.concurrency ?? concurrencySchema.parse({}), counts),
    persisted: createPersisted({ config, manifest, redis, counts, logger }),
    names: namesIn(manifest),
    close: async () => {
      if (redis) await closeRedis(redis)
    },
  }
}
