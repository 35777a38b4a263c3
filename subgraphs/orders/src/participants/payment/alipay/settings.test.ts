import { generateKeyPairSync } from 'node:crypto'
import { ConfigError } from '@mall/service/config'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../config.ts'
import { sandboxKey } from './keys.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const secret = 'a-secret-of-our-own-1234'
const production = {
  NODE_ENV: 'production',
  EVENT_SIGNING_KEYS: `a:${secret}`,
  INTERNAL_IDENTITY_KEYS: `a:${secret}`,
}
const configured = {
  ...production,
  ALIPAY_GATEWAY_URL: 'https://openapi.alipay.com/gateway.do',
  ALIPAY_APP_ID: '2021000000000009',
  ALIPAY_SELLER_ID: '2088000000000009',
  ALIPAY_PRIVATE_KEY: privateKey.export({ format: 'der', type: 'pkcs1' }).toString('base64'),
  ALIPAY_PUBLIC_KEY: publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  ALIPAY_NOTIFY_URL: 'https://mall.example/payments/alipay/notify',
  ALIPAY_RETURN_URL: 'https://mall.example/orders/{orderId}',
}
const faultsOf = (env: NodeJS.ProcessEnv) => {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ variable }) => variable)
    throw error
  }
}

describe('the settings of Alipay', () => {
  it('are those of the sandbox in development', () => {
    expect(loadConfig({}).payments.alipay).toMatchObject({ gatewayUrl: 'http://127.0.0.1:4101/gateway.do' })
  })

  it('are absent in production unless somebody configures them', () => {
    expect(loadConfig(production).payments.alipay).toBeNull()
  })

  it('take keys as Alipay’s tool writes them', () => {
    expect(loadConfig(configured).payments.alipay).toMatchObject({
      privateKey: String(privateKey.export({ format: 'pem', type: 'pkcs8' })).trim(),
      alipayPublicKey: String(publicKey.export({ format: 'pem', type: 'spki' })).trim(),
    })
  })

  it.each(Object.keys(configured).filter((name) => name.startsWith('ALIPAY_')))(
    'are refused in production without %s',
    (name) => expect(faultsOf({ ...configured, [name]: '' })).toEqual([name]),
  )

  it.each([
    ['ALIPAY_PRIVATE_KEY', sandboxKey('app-private.pem')],
    ['ALIPAY_PUBLIC_KEY', sandboxKey('alipay-public.pem')],
    ['ALIPAY_APP_ID', '9021000000000001'],
    ['ALIPAY_GATEWAY_URL', 'http://openapi.alipay.com/gateway.do'],
  ])('are refused in production with the sandbox’s %s', (name, value) => {
    expect(faultsOf({ ...configured, [name]: value })).toEqual([name])
  })

  it('are refused with a key that is none, without showing it', () => {
    expect(() => loadConfig({ ALIPAY_PRIVATE_KEY: 'MIIBsecret' })).toThrow(
      /ALIPAY_PRIVATE_KEY: must be an RSA key/,
    )
    expect(() => loadConfig({ ALIPAY_PRIVATE_KEY: 'MIIBsecret' })).not.toThrow(/MIIBsecret/)
    expect(faultsOf({ ALIPAY_PUBLIC_KEY_FILE: '/nowhere' })).toEqual(['ALIPAY_PUBLIC_KEY_FILE'])
  })
})
