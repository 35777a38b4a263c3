import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  ConfigError,
  host,
  identityKeys,
  logLevel,
  nodeEnv,
  port,
  readConfig,
  redisUrl,
} from '@mall/service/config'
import { parse } from 'yaml'
import { z } from 'zod'
import { cacheSchema } from './cache/config.ts'
import { subgraphsSchema } from './engine/config.ts'
import { arrivalSchema } from './http/config.ts'
import { limitsSchema } from './limits/config.ts'
import { locatePartners, partnersSchema } from './partners/config.ts'
import { locateManifest, persistedSchema } from './persisted/config.ts'
import { concurrencySchema } from './pipeline/gate.ts'
import { introspectionSchema } from './pipeline/introspection.ts'
import { rateLimitsSchema } from './rate-limits/config.ts'
import { subscriptionsSchema } from './subscriptions/config.ts'
import { sampler, samplerRatio, tracingOf } from './tracing/config.ts'

const prefix = z.string().regex(/^\/[^\s*:]*[^\s*:/]$/, { error: 'must be a path such as /auth' })

/** The file that ROUTER_CONFIG names. Everything is optional; durations in milliseconds. */
const fileSchema = z.strictObject({
  /** Without it nobody is signed in, and tokens are not looked at. */
  authentication: z
    .strictObject({
      jwks: z.union([
        z.strictObject({ subgraph: z.string(), path: z.string().startsWith('/') }),
        z.strictObject({ url: z.url() }),
      ]),
      issuer: z.string().optional(),
      audience: z.string().optional(),
      /** Where roles become scopes (docs/architecture.md, "Rights"). `env NAME` takes an environment variable. */
      rights: z.strictObject({ redis: z.string() }).optional(),
    })
    .optional(),
  forward: z.array(z.strictObject({ prefix, subgraph: z.string() })).default([]),
  /** By subgraph; `default` for those not named. */
  timeouts: z.record(z.string(), z.number().int().positive()).default({}),
  subgraphs: subgraphsSchema.optional(),
  cache: cacheSchema.optional(),
  /** Of an operation from its arrival: no fetch of it is given longer. An event of a subscription counts as one. */
  operationTimeout: z.number().int().positive().default(30_000),
  /** From SIGTERM, when /readyz begins to answer 503, to the end of accepting connections: what a load balancer needs. */
  drain: z.number().int().nonnegative().max(8_000).optional(),
  /** How long a client may take to send a request. */
  arrival: arrivalSchema.optional(),
  cors: z.strictObject({ origins: z.array(z.url()) }).optional(),
  /** Whose `x-forwarded-for` is believed: addresses or subnets such as 10.0.0.0/8. */
  trustedProxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
  /** GraphiQL for browsers at GET /graphql. */
  playground: z.boolean().default(true),
  /** Operations as REST, with API keys. */
  partners: partnersSchema.optional(),
  subscriptions: subscriptionsSchema.optional(),
  /** What one operation may ask. */
  limits: limitsSchema.optional(),
  /** What a user and an address may ask in a while. */
  rateLimits: rateLimitsSchema.optional(),
  /** What may run at once; beyond it 503 is answered. */
  concurrency: concurrencySchema.optional(),
  /** Who may read the schema. @default everybody, in production the role "admin" */
  introspection: introspectionSchema.optional(),
  persisted: persistedSchema.optional(),
  /** Where routers share rates and persisted operations. @default each has its own */
  redis: z.string().optional(),
})

export type RouterFile = z.infer<typeof fileSchema>
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment and the file that it names; throws ConfigError with all faults. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(
    z.object({
      PORT: port(4000),
      HOST: host(),
      METRICS_PORT: port(0).unwrap().optional(),
      METRICS_HOST: host(),
      LOG_LEVEL: logLevel(),
      NODE_ENV: nodeEnv(),
      SUPERGRAPH: z.string().optional(),
      ROUTER_CONFIG: z.string().optional(),
      SUBGRAPH_URLS: z.string().default('').transform(parseUrls).refine(areUrls, {
        error: 'must be a list such as name=http://a/graphql|http://b/graphql,other=http://c/graphql',
      }),
      INTERNAL_IDENTITY_KEYS: identityKeys(),
      REDIS_URL: redisUrl(),
      OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.url().optional(),
      OTEL_SERVICE_NAME: z.string().default('router'),
      OTEL_TRACES_SAMPLER: sampler(),
      OTEL_TRACES_SAMPLER_ARG: samplerRatio(),
    }),
    env,
  )
  const file = values.ROUTER_CONFIG ? readRouterFile(values.ROUTER_CONFIG) : fileSchema.parse({})
  const redisUrlOf = (value: string | undefined) =>
    value === undefined ? null : fromEnvironment(value, { ...env, REDIS_URL: values.REDIS_URL })
  return {
    listen: { host: values.HOST, port: values.PORT },
    /** Null: metrics are not served. */
    metrics:
      values.METRICS_PORT === undefined ? null : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    /** Null: nothing is traced. */
    tracing: tracingOf(
      values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
      values.OTEL_EXPORTER_OTLP_ENDPOINT,
      values.OTEL_SERVICE_NAME,
    ),
    logLevel: values.LOG_LEVEL,
    isProduction: values.NODE_ENV === 'production',
    /** A composed supergraph; undefined: compose supergraph.yaml. */
    supergraphFile: values.SUPERGRAPH,
    subgraphUrls: values.SUBGRAPH_URLS,
    identityKeys: values.INTERNAL_IDENTITY_KEYS,
    rightsRedisUrl: redisUrlOf(file.authentication?.rights?.redis),
    cacheRedisUrl: redisUrlOf(file.cache?.redis),
    sharedRedisUrl: redisUrlOf(file.redis),
    file,
  }
}

function readRouterFile(path: string): RouterFile {
  try {
    const file = fileSchema.parse(parse(readFileSync(path, 'utf8')) ?? {})
    const folder = dirname(path)
    return {
      ...file,
      partners: file.partners && locatePartners(file.partners, folder),
      persisted: file.persisted && locateManifest(file.persisted, folder),
    }
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : String(error)
    throw new ConfigError([{ variable: 'ROUTER_CONFIG', problem: `${path} cannot be used: ${problem}` }])
  }
}

function fromEnvironment(value: string, env: NodeJS.ProcessEnv): string {
  const name = /^env (\w+)$/.exec(value)?.[1]
  if (name === undefined) return value
  const found = env[name]
  if (!found) throw new ConfigError([{ variable: name, problem: 'is named by ROUTER_CONFIG and not set' }])
  return found
}

function parseUrls(list: string): Map<string, string[]> {
  const pairs = list.split(',').filter((pair) => pair.trim() !== '')
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...urls] = pair.split('=')
      return [
        name.trim(),
        urls
          .join('=')
          .split('|')
          .map((url) => url.trim()),
      ] as const
    }),
  )
}

const areUrls = (byName: Map<string, string[]>) =>
  [...byName].every(([name, urls]) => name !== '' && urls.every((url) => URL.canParse(url)))
