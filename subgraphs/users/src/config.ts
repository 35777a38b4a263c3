import { existsSync } from 'node:fs'
import { integer, readConfig, secretKeys } from '@mall/service/config'
import { subgraphSettings, subgraphVariables } from '@mall/service/subgraph-config'
import { z } from 'zod'

/** Every setting of the users process. Durations are in seconds, as tokens count. */
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment; throws ConfigError with all faults. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(variables, env, missingSigningKeys)
  const signing = { keys: values.JWT_SIGNING_KEYS, file: values.JWT_SIGNING_KEYS_FILE }
  return {
    ...subgraphSettings(values),
    introspectionClients: values.INTROSPECTION_CLIENTS,
    tokens: {
      /** JWKs (one, a list or a set) or PEM blocks; the first signs, all verify and are published. */
      signing,
      accessSeconds: values.ACCESS_TOKEN_SECONDS,
      refreshSeconds: values.REFRESH_TOKEN_SECONDS,
    },
    logIn: { maxAttempts: values.LOGIN_MAX_ATTEMPTS, windowSeconds: values.LOGIN_WINDOW_SECONDS },
  }
}

const variables = z.object({
  ...subgraphVariables('users', 4001),
  JWT_SIGNING_KEYS: z.string().optional(),
  JWT_SIGNING_KEYS_FILE: z
    .string()
    .refine((path) => existsSync(path), { error: 'names a file that does not exist' })
    .optional(),
  INTROSPECTION_CLIENTS: secretKeys({ id: 'mall', secret: 'mall-development-introspection' }),
  ACCESS_TOKEN_SECONDS: integer(15 * 60, { max: 60 * 60 }),
  REFRESH_TOKEN_SECONDS: integer(30 * 24 * 60 * 60),
  LOGIN_MAX_ATTEMPTS: integer(10),
  LOGIN_WINDOW_SECONDS: integer(5 * 60),
})

/** A key of our own making is for development: in production nobody else could verify after it is lost. */
function missingSigningKeys(values: Readonly<Record<string, string | undefined>>) {
  const { NODE_ENV, JWT_SIGNING_KEYS, JWT_SIGNING_KEYS_FILE } = values
  if (NODE_ENV !== 'production' || JWT_SIGNING_KEYS || JWT_SIGNING_KEYS_FILE) return []
  const problem = 'must be set (or JWT_SIGNING_KEYS_FILE) when NODE_ENV=production'
  return [{ variable: 'JWT_SIGNING_KEYS', problem }]
}
