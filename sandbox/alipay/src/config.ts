import { ConfigError, host, logLevel, nodeEnv, port, readConfig } from '@mall/service/config'
import { z } from 'zod'

/** Every setting of the sandbox. */
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment; throws ConfigError with all faults. It takes no money, so never in production. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(variables, env)
  if (values.NODE_ENV === 'production')
    throw new ConfigError([{ variable: 'NODE_ENV', problem: 'the sandbox is not for production' }])
  return {
    listen: { host: values.HOST, port: values.PORT },
    logLevel: values.LOG_LEVEL,
    /** See `NoticeOptions`. */
    retryAfterMs: values.ALIPAY_SANDBOX_RETRIES_MS,
  }
}

const variables = z.object({
  PORT: port(4101),
  HOST: host(),
  LOG_LEVEL: logLevel(),
  NODE_ENV: nodeEnv(),
  ALIPAY_SANDBOX_RETRIES_MS: z
    .string()
    .default('1000,2000,4000,8000,16000,30000,60000')
    .transform((list) => list.split(',').map(Number))
    .refine((list) => list.every((ms) => Number.isSafeInteger(ms) && ms >= 0), {
      error: 'must be a list of milliseconds such as 1000,2000',
    }),
})
