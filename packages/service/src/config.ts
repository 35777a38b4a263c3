import { z } from 'zod'

/** A named secret. Where a list of them is configured, the first signs and all verify. */
export interface SecretKey {
  readonly id: string
  readonly secret: string
}

/** What is wrong with one environment variable. Never holds the variable's value. */
export interface ConfigFault {
  readonly variable: string
  readonly problem: string
}

/** Thrown with all faults of a configuration at once, so that they can be mended in one go. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    super(['The configuration has faults:', ...faults.map((f) => `  ${f.variable}: ${f.problem}`)].join('\n'))
    this.faults = faults
  }
}

/**
 * Reads each variable of the schema from the environment; an empty one counts as not set.
 * Throws ConfigError with every fault by name. With NODE_ENV=production, variables made by
 * `secret` or `secretKeys` must be set, and to something else than the development default.
 * `furtherFaults` looks at what only several variables together can have wrong.
 */
export function readConfig<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  env: NodeJS.ProcessEnv,
  furtherFaults: (values: Readonly<Record<string, string | undefined>>) => ConfigFault[] = () => [],
): z.infer<z.ZodObject<Shape>> {
  const values = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, env[name]?.trim() || undefined]),
  )
  const result = schema.safeParse(values)
  const faults = [
    ...(result.success ? [] : result.error.issues.map(faultOf)),
    ...(env.NODE_ENV === 'production' ? developmentSecretsIn(schema, values) : []),
    ...furtherFaults(values),
  ]
  if (!result.success || faults.length > 0) throw new ConfigError(faults)
  return result.data
}

/** A TCP port; 0 asks the system for a free one. */
export const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback)

/** A whole number, such as a pool size or a duration whose unit is in the variable's name. */
export const integer = (fallback: number, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) =>
  z.coerce.number().int().min(min).max(max).default(fallback)

/** The address to listen on. */
export const host = () => z.string().default('127.0.0.1')

/** A URL of one of the given protocols, such as `postgres:`. */
export const url = (fallback: string, protocols: readonly string[]) =>
  z
    .string()
    .refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ''), {
      error: `must be a URL that begins with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    })
    .default(fallback)

export const postgresUrl = (fallback: string) => url(fallback, ['postgres:', 'postgresql:'])

export const redisUrl = () => url('redis://127.0.0.1:6380', ['redis:', 'rediss:'])

/** `host:port,host:port` → string[]. */
export const brokers = () =>
  z
    .string()
    .default('127.0.0.1:9094')
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .refine((list) => list.every((broker) => /^[^\s:]+:\d+$/.test(broker)), {
      error: 'must be a list such as 127.0.0.1:9094,127.0.0.1:9095',
    })

export const logLevel = () =>
  z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info')

/** `production` turns every convenience of development off; anything else is development. */
export const nodeEnv = () => z.string().default('development')

/** A secret with a default for development, refused in production. */
export function secret(developmentDefault: string) {
  const schema = z.string().default(developmentDefault)
  developmentSecrets.add(schema, { isDevelopment: (value) => value === developmentDefault })
  return schema
}

/** `id:secret,id:secret` → SecretKey[], with one key for development, refused in production. */
export function secretKeys(developmentKey: SecretKey) {
  const schema = z
    .string()
    .default(`${developmentKey.id}:${developmentKey.secret}`)
    .transform(parseKeys)
    .refine((keys) => keys.every(({ id, secret }) => /^[\w-]+$/.test(id) && secret.length >= 16), {
      error: 'must be a list such as id:secret,id:secret with secrets of at least 16 characters',
    })
  developmentSecrets.add(schema, {
    isDevelopment: (value) => parseKeys(value).some((key) => key.secret === developmentKey.secret),
  })
  return schema
}

/** INTERNAL_IDENTITY_KEYS: what router and subgraphs trust one another by. */
export const identityKeys = () => secretKeys({ id: 'dev', secret: 'mall-development-identity-secret' })

/** EVENT_SIGNING_KEYS: what producers and consumers of events trust one another by. */
export const eventSigningKeys = () => secretKeys({ id: 'dev', secret: 'mall-development-events-secret' })

const developmentSecrets = z.registry<{ isDevelopment: (value: string) => boolean }>()

function parseKeys(list: string): SecretKey[] {
  return list.split(',').map((pair) => {
    const [id = '', ...secret] = pair.trim().split(':')
    return { id, secret: secret.join(':') }
  })
}

function faultOf(issue: z.core.$ZodIssue): ConfigFault {
  return { variable: String(issue.path[0] ?? '?'), problem: issue.message }
}

function developmentSecretsIn(
  schema: z.ZodObject,
  values: Record<string, string | undefined>,
): ConfigFault[] {
  return Object.entries(schema.shape).flatMap(([variable, piece]) => {
    const value = values[variable]
    const isDevelopment = developmentSecrets.get(piece)?.isDevelopment
    if (!isDevelopment || (value && !isDevelopment(value))) return []
    return [{ variable, problem: 'must be set to a secret of your own when NODE_ENV=production' }]
  })
}
