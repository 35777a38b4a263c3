import {
  brokers,
  eventSigningKeys,
  host,
  identityKeys,
  integer,
  logLevel,
  nodeEnv,
  port,
  postgresUrl,
  readConfig,
  redisUrl,
} from '@mall/service/config'
import { z } from 'zod'

/** Every setting of the products process. Durations in milliseconds. */
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment; throws ConfigError with all faults. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(
    z.object({
      PORT: port(4002),
      HOST: host(),
      LOG_LEVEL: logLevel(),
      NODE_ENV: nodeEnv(),
      DATABASE_URL: postgresUrl('postgres://mall:mall@127.0.0.1:5433/products'),
      DATABASE_POOL_SIZE: integer(10),
      REDIS_URL: redisUrl(),
      KAFKA_BROKERS: brokers(),
      CLOUD_REGION: z.string().default('local'),
      EVENT_SIGNING_KEYS: eventSigningKeys(),
      INTERNAL_IDENTITY_KEYS: identityKeys(),
      RESERVATION_MS: integer(15 * 60_000),
      MEDIA_BASE_URL: z.string().default(''),
    }),
    env,
  )
  return {
    listen: { host: values.HOST, port: values.PORT },
    logLevel: values.LOG_LEVEL,
    isProduction: values.NODE_ENV === 'production',
    database: { url: values.DATABASE_URL, poolSize: values.DATABASE_POOL_SIZE },
    redis: { url: values.REDIS_URL },
    kafka: {
      brokers: values.KAFKA_BROKERS,
      region: values.CLOUD_REGION,
      signingKeys: values.EVENT_SIGNING_KEYS,
    },
    identityKeys: values.INTERNAL_IDENTITY_KEYS,
    stock: {
      /** How long units are held for an order; longer than the saga's own deadline. */
      reservationMs: values.RESERVATION_MS,
    },
    /** What stands before `/media/…`, such as a CDN's origin; empty for the shop's own. */
    mediaBaseUrl: values.MEDIA_BASE_URL.replace(/\/$/, ''),
  }
}
