import { integer, readConfig } from '@mall/service/config'
import { subgraphSettings, subgraphVariables } from '@mall/service/subgraph-config'
import { z } from 'zod'

/** Every setting of the products process. Durations in milliseconds. */
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment; throws ConfigError with all faults. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(variables, env)
  return {
    ...subgraphSettings(values),
    stock: {
      /** How long units are held for an order; longer than the saga's own deadline. */
      reservationMs: values.RESERVATION_MS,
    },
    /** Where routers keep answers; the Redis of everything else unless said. */
    cacheRedisUrl: values.CACHE_REDIS_URL ?? values.REDIS_URL,
    /** What stands before `/media/…`, such as a CDN's origin; empty for the shop's own. */
    mediaBaseUrl: values.MEDIA_BASE_URL.replace(/\/$/, ''),
  }
}

const variables = z.object({
  ...subgraphVariables('products', 4002),
  RESERVATION_MS: integer(15 * 60_000),
  MEDIA_BASE_URL: z.string().default(''),
  CACHE_REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
})
