import { existsSync, readFileSync } from 'node:fs'
import type { ConfigFault } from '@mall/service/config'
import { isDevelopmentKey, readPrivateKey, readPublicKey, sandboxKey } from './keys.ts'

/** How this shop is known to Alipay, and where. Keys as PEM; durations in milliseconds. */
export interface AlipaySettings {
  gatewayUrl: string
  /** The gateway as the shopper's browser reaches it. */
  pageUrl: string
  appId: string
  sellerId: string
  /** Ours, PKCS #8. */
  privateKey: string
  /** Alipay's. */
  alipayPublicKey: string
  /** Where Alipay sends notifies. */
  notifyUrl: string
  /** Where the customer comes back to; `{orderId}` stands for the order's id. */
  returnUrl: string
  /** A page to pay at, or a QR code to scan. */
  mode: 'page' | 'qr'
  timeoutMs: number
  payableForMs: number
}

/** What the environment says, read but not put together. */
export interface AlipayVariables {
  ALIPAY_GATEWAY_URL?: string | undefined
  ALIPAY_PAGE_URL?: string | undefined
  ALIPAY_APP_ID?: string | undefined
  ALIPAY_SELLER_ID?: string | undefined
  ALIPAY_PRIVATE_KEY?: string | undefined
  ALIPAY_PRIVATE_KEY_FILE?: string | undefined
  ALIPAY_PUBLIC_KEY?: string | undefined
  ALIPAY_PUBLIC_KEY_FILE?: string | undefined
  ALIPAY_NOTIFY_URL?: string | undefined
  ALIPAY_RETURN_URL?: string | undefined
}

/** The sandbox as `npm start` runs it. */
const development = {
  ALIPAY_GATEWAY_URL: 'http://127.0.0.1:4101/gateway.do',
  ALIPAY_APP_ID: '9021000000000001',
  ALIPAY_SELLER_ID: '2088000000000001',
  ALIPAY_NOTIFY_URL: 'http://127.0.0.1:4000/payments/alipay/notify',
  ALIPAY_RETURN_URL: 'http://localhost:3000/orders/{orderId}',
} as const

/**
 * The settings, or null where payment by Alipay is not offered: in production unless it is configured, in development
 * where the sandbox is not installed.
 */
export function alipaySettings(
  variables: AlipayVariables,
  options: { isProduction: boolean; mode: AlipaySettings['mode']; timeoutMs: number; payableForMs: number },
): AlipaySettings | null {
  const { isProduction, ...rest } = options
  const values = { ...(isProduction ? {} : development), ...definedIn(variables) }
  const privateKey = privateKeyIn(values, isProduction)
  const publicKey = publicKeyIn(values, isProduction)
  const { ALIPAY_GATEWAY_URL, ALIPAY_APP_ID, ALIPAY_SELLER_ID, ALIPAY_NOTIFY_URL, ALIPAY_RETURN_URL } = values
  if (!privateKey || !publicKey || !ALIPAY_APP_ID || !ALIPAY_SELLER_ID) return null
  if (!ALIPAY_GATEWAY_URL || !ALIPAY_NOTIFY_URL || !ALIPAY_RETURN_URL) return null
  return {
    ...rest,
    gatewayUrl: ALIPAY_GATEWAY_URL,
    pageUrl: values.ALIPAY_PAGE_URL ?? ALIPAY_GATEWAY_URL,
    appId: ALIPAY_APP_ID,
    sellerId: ALIPAY_SELLER_ID,
    notifyUrl: ALIPAY_NOTIFY_URL,
    returnUrl: ALIPAY_RETURN_URL,
    privateKey: String(privateKey.export({ format: 'pem', type: 'pkcs8' })).trim(),
    alipayPublicKey: String(publicKey.export({ format: 'pem', type: 'spki' })).trim(),
  }
}

/** What is wrong with the variables together: half of a configuration, keys that are none, the sandbox in production. */
export function alipayFaults(values: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  const isProduction = values.NODE_ENV === 'production'
  const isConfigured = Object.entries(values).some(([name, value]) => name.startsWith('ALIPAY_') && value)
  if (!isConfigured) return []
  return [
    ...(isProduction ? productionFaults(values) : []),
    ...keyFaults('ALIPAY_PRIVATE_KEY', values, readPrivateKey),
    ...keyFaults('ALIPAY_PUBLIC_KEY', values, readPublicKey),
  ]
}

function productionFaults(values: Readonly<Record<string, string | undefined>>): ConfigFault[] {
  const needed = [
    'ALIPAY_GATEWAY_URL',
    'ALIPAY_APP_ID',
    'ALIPAY_SELLER_ID',
    'ALIPAY_NOTIFY_URL',
    'ALIPAY_RETURN_URL',
  ]
  const missing = [
    ...needed.filter((name) => !values[name]),
    ...['ALIPAY_PRIVATE_KEY', 'ALIPAY_PUBLIC_KEY'].filter((name) => !values[name] && !values[`${name}_FILE`]),
  ]
  const plain = ['ALIPAY_GATEWAY_URL', 'ALIPAY_PAGE_URL', 'ALIPAY_NOTIFY_URL'].filter(
    (name) => values[name] && !values[name].startsWith('https://'),
  )
  const sandboxed = (['ALIPAY_APP_ID', 'ALIPAY_SELLER_ID'] as const).filter(
    (name) => values[name] === development[name],
  )
  return [
    ...missing.map((variable) => ({ variable, problem: 'must be set where payment by Alipay is offered' })),
    ...plain.map((variable) => ({ variable, problem: 'must begin with https:// when NODE_ENV=production' })),
    ...sandboxed.map((variable) => ({ variable, problem: "must be your own, not the sandbox's" })),
  ]
}

function keyFaults(
  variable: 'ALIPAY_PRIVATE_KEY' | 'ALIPAY_PUBLIC_KEY',
  values: Readonly<Record<string, string | undefined>>,
  read: typeof readPublicKey,
): ConfigFault[] {
  const file = values[`${variable}_FILE`]
  if (file && !existsSync(file))
    return [{ variable: `${variable}_FILE`, problem: 'names a file that does not exist' }]
  const text = textOf(variable, values)
  if (text === undefined) return []
  const key = read(text)
  if (!key) return [{ variable, problem: 'must be an RSA key, PEM or base64' }]
  return values.NODE_ENV === 'production' && isDevelopmentKey(key)
    ? [{ variable, problem: 'must be a key of your own when NODE_ENV=production' }]
    : []
}

function privateKeyIn(values: AlipayVariables, isProduction: boolean) {
  const text =
    textOf('ALIPAY_PRIVATE_KEY', { ...values }) ?? (isProduction ? undefined : sandboxKey('app-private.pem'))
  return text === undefined ? null : readPrivateKey(text)
}

function publicKeyIn(values: AlipayVariables, isProduction: boolean) {
  const text =
    textOf('ALIPAY_PUBLIC_KEY', { ...values }) ?? (isProduction ? undefined : sandboxKey('alipay-public.pem'))
  return text === undefined ? null : readPublicKey(text)
}

function textOf(
  variable: 'ALIPAY_PRIVATE_KEY' | 'ALIPAY_PUBLIC_KEY',
  values: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const file = values[`${variable}_FILE`]
  return values[variable] ?? (file && existsSync(file) ? readFileSync(file, 'utf8') : undefined)
}

const definedIn = (variables: AlipayVariables): AlipayVariables =>
  Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== undefined))
