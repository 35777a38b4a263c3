import { host, logLevel, nodeEnv, port, readConfig } from '@mall/service/config'
import { z } from 'zod'

/** Every setting of the sandbox. Its key, secret and signature name are those that orders use in development. */
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment; throws ConfigError with all faults, and in production. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(variables, env, ({ NODE_ENV }) =>
    NODE_ENV === 'production' ? [{ variable: 'NODE_ENV', problem: 'a sandbox is not for production' }] : [],
  )
  return {
    listen: { host: values.HOST, port: values.PORT },
    logLevel: values.LOG_LEVEL,
    accessKey: { id: values.SMS_ACCESS_KEY_ID, secret: values.SMS_ACCESS_KEY_SECRET },
    signName: values.SMS_SIGN_NAME,
  }
}

const variables = z.object({
  PORT: port(4103),
  HOST: host(),
  LOG_LEVEL: logLevel(),
  NODE_ENV: nodeEnv(),
  SMS_ACCESS_KEY_ID: z.string().default('mall-development'),
  SMS_ACCESS_KEY_SECRET: z.string().default('mall-development-sms-secret'),
  SMS_SIGN_NAME: z.string().default('商城'),
})
