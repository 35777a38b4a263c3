import { z } from 'zod'
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
  redisUrl,
} from './config.ts'

/** The variables that every subgraph reads; spread them into its schema. */
export const subgraphVariables = (name: string, defaultPort: number) => ({
  PORT: port(defaultPort),
  HOST: host(),
  LOG_LEVEL: logLevel(),
  NODE_ENV: nodeEnv(),
  DATABASE_URL: postgresUrl(`postgres://mall:mall@127.0.0.1:5433/${name}`),
  DATABASE_POOL_SIZE: integer(10),
  REDIS_URL: redisUrl(),
  KAFKA_BROKERS: brokers(),
  CLOUD_REGION: z.string().default('local'),
  EVENT_SIGNING_KEYS: eventSigningKeys(),
  INTERNAL_IDENTITY_KEYS: identityKeys(),
  DRAIN_MS: integer(0, { min: 0, max: 8_000 }),
})

/** The settings that follow from them. */
export const subgraphSettings = (values: z.infer<z.ZodObject<ReturnType<typeof subgraphVariables>>>) => ({
  isProduction: values.NODE_ENV === 'production',
  listen: { host: values.HOST, port: values.PORT },
  logLevel: values.LOG_LEVEL,
  database: { url: values.DATABASE_URL, poolSize: values.DATABASE_POOL_SIZE },
  redis: { url: values.REDIS_URL },
  kafka: {
    brokers: values.KAFKA_BROKERS,
    region: values.CLOUD_REGION,
    signingKeys: values.EVENT_SIGNING_KEYS,
  },
  identityKeys: values.INTERNAL_IDENTITY_KEYS,
  /** Where there are several instances: longer than two probes of a router, 2000 by its defaults. */
  drainMs: values.DRAIN_MS,
})
