import { integer, readConfig, url, type ConfigFault } from '@mall/service/config'
import { subgraphSettings, subgraphVariables } from '@mall/service/subgraph-config'
import { z } from 'zod'
import { parseTemplateCodes, sandboxTemplateCodes } from './participants/notification/template-codes.ts'
import { alipayFaults, alipaySettings } from './participants/payment/alipay/settings.ts'

/** Every setting of the orders process. Durations in milliseconds. */
export type Config = ReturnType<typeof loadConfig>

/** Reads and checks the environment; throws ConfigError with all faults. */
export function loadConfig(env: NodeJS.ProcessEnv = process.env) {
  const values = readConfig(variables, env, (variables) => [
    ...smsFaults(variables),
    ...alipayFaults(variables),
  ])
  const settings = subgraphSettings(values)
  return {
    ...settings,
    saga: {
      /** When an order that has not been confirmed is given up. */
      deadlineMs: values.ORDER_DEADLINE_MS,
      /** When an order that has not moved is driven on. */
      sweepAfterMs: values.ORDER_SWEEP_AFTER_MS,
    },
    sms: {
      /** Who sends text messages; with `none` they are only remembered. */
      provider: values.SMS_PROVIDER,
      aliyun: {
        gatewayUrl: values.SMS_GATEWAY_URL,
        accessKeyId: values.SMS_ACCESS_KEY_ID,
        accessKeySecret: values.SMS_ACCESS_KEY_SECRET,
        signName: values.SMS_SIGN_NAME,
        templateCodes: values.SMS_TEMPLATES,
      },
      /** After how many attempts a message is given up; with the default below, after an hour and a half. */
      maxAttempts: values.SMS_MAX_ATTEMPTS,
      /** When the second attempt follows the first; then it takes twice as long each time. */
      retryAfterMs: values.SMS_RETRY_AFTER_MS,
    },
    payments: {
      /** When the provider is asked for a payment of which nobody has told; then ever more rarely. */
      queryAfterMs: values.PAYMENT_QUERY_AFTER_MS,
      /** Null where payment by Alipay is not offered. */
      alipay: alipaySettings(values, {
        isProduction: settings.isProduction,
        mode: values.ALIPAY_MODE,
        timeoutMs: values.ALIPAY_TIMEOUT_MS,
        payableForMs: values.ORDER_DEADLINE_MS,
      }),
    },
  }
}

/** What the sandbox expects; a real account has other ones. */
const sandbox = { keyId: 'mall-development', secret: 'mall-development-sms-secret' }

const httpUrl = () => z.url({ protocol: /^https?$/ }).optional()

const variables = z.object({
  ...subgraphVariables('orders', 4003),
  ORDER_DEADLINE_MS: integer(10 * 60_000),
  ORDER_SWEEP_AFTER_MS: integer(2_000),
  SMS_PROVIDER: z.enum(['none', 'console', 'aliyun']).default('none'),
  SMS_GATEWAY_URL: url('https://dysmsapi.aliyuncs.com', ['https:', 'http:']),
  SMS_ACCESS_KEY_ID: z.string().default(sandbox.keyId),
  SMS_ACCESS_KEY_SECRET: z.string().default(sandbox.secret),
  SMS_SIGN_NAME: z.string().default('商城'),
  SMS_TEMPLATES: z
    .string()
    .default(sandboxTemplateCodes)
    .transform((list, context) => {
      const codes = parseTemplateCodes(list)
      if (codes) return codes
      context.addIssue('must name every text, such as order-shipped.en=SMS_1,order-shipped.zh-CN=SMS_2')
      return z.NEVER
    }),
  SMS_MAX_ATTEMPTS: integer(10, { max: 20 }),
  SMS_RETRY_AFTER_MS: integer(10_000),
  PAYMENT_QUERY_AFTER_MS: integer(5_000),
  ALIPAY_GATEWAY_URL: httpUrl(),
  ALIPAY_PAGE_URL: httpUrl(),
  ALIPAY_APP_ID: z.string().optional(),
  ALIPAY_SELLER_ID: z.string().optional(),
  ALIPAY_PRIVATE_KEY: z.string().optional(),
  ALIPAY_PRIVATE_KEY_FILE: z.string().optional(),
  ALIPAY_PUBLIC_KEY: z.string().optional(),
  ALIPAY_PUBLIC_KEY_FILE: z.string().optional(),
  ALIPAY_NOTIFY_URL: httpUrl(),
  ALIPAY_RETURN_URL: httpUrl(),
  ALIPAY_MODE: z.enum(['page', 'qr']).default('page'),
  ALIPAY_TIMEOUT_MS: integer(5_000),
})

/** In production messages go to a real account, over TLS; which account matters only where one is used. */
function smsFaults(values: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  const { NODE_ENV, SMS_PROVIDER, SMS_GATEWAY_URL } = values
  if (NODE_ENV !== 'production') return []
  if (SMS_PROVIDER === 'console')
    return [{ variable: 'SMS_PROVIDER', problem: 'console would write phone numbers into the log' }]
  if (SMS_PROVIDER !== 'aliyun') return []
  const developmentValues = {
    SMS_ACCESS_KEY_ID: sandbox.keyId,
    SMS_ACCESS_KEY_SECRET: sandbox.secret,
    SMS_SIGN_NAME: undefined,
    SMS_TEMPLATES: sandboxTemplateCodes,
  }
  return [
    ...Object.entries(developmentValues)
      .filter(([variable, value]) => values[variable] === undefined || values[variable] === value)
      .map(([variable]) => ({
        variable,
        problem: 'must be that of your own account when NODE_ENV=production',
      })),
    ...(SMS_GATEWAY_URL?.startsWith('http:')
      ? [{ variable: 'SMS_GATEWAY_URL', problem: 'must begin with https:// when NODE_ENV=production' }]
      : []),
  ]
}
