import { Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'
import type { Logger } from './logger.ts'

export type { Redis } from 'ioredis'

/**
 * A connection to Redis that reconnects for ever. While it is away, commands fail within seconds instead of
 * piling up: whoever waits for them is a request with a deadline.
 */
export function createRedis(url: string, logger: Logger, options: RedisOptions = {}): Redis {
  const redis = new Redis(url, {
    connectTimeout: 3_000,
    commandTimeout: 5_000,
    keepAlive: 10_000,
    maxRetriesPerRequest: 2,
    // Spread, so that all processes do not come back in the same instant.
    retryStrategy: (attempt) => Math.min(attempt * 100, 1_000) * (0.5 + Math.random() / 2),
    ...options,
  })
  let away = false
  redis.on('error', (error: Error) => {
    if (!away) logger.error({ error }, 'the connection to Redis failed')
    away = true
  })
  redis.on('ready', () => {
    if (away) logger.info('the connection to Redis is back')
    away = false
  })
  return redis
}

/** True when Redis answers; never throws. For readiness. */
export async function redisAnswers(redis: Redis): Promise<boolean> {
  try {
    return redis.status === 'ready' && (await redis.ping()) === 'PONG'
  } catch {
    return false
  }
}

/** Closes the connection after what was sent has been answered, at once when it is already down. */
export async function closeRedis(redis: Redis): Promise<void> {
  if (redis.status === 'ready') await redis.quit().catch(() => redis.disconnect())
  else redis.disconnect()
}
