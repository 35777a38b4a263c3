import { ConfigError } from '@mall/service/config'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'
import { sandboxTemplateCodes } from './participants/notification/template-codes.ts'

const production = {
  NODE_ENV: 'production',
  EVENT_SIGNING_KEYS: 'p1:a-production-secret-1',
  INTERNAL_IDENTITY_KEYS: 'p1:a-production-secret-2',
}
const account = {
  SMS_PROVIDER: 'aliyun',
  SMS_ACCESS_KEY_ID: 'id',
  SMS_ACCESS_KEY_SECRET: 'secret',
  SMS_SIGN_NAME: '商城',
  SMS_TEMPLATES: sandboxTemplateCodes.replaceAll('SMS_900', 'SMS_123'),
}

function faultsOf(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults.map(({ variable }) => variable)
  }
}

describe('text messages in the configuration', () => {
  it('are only remembered unless a provider is named', () => {
    expect(loadConfig({}).sms.provider).toBe('none')
    expect(faultsOf(production)).toEqual([])
  })

  it('go to the sandbox with what development knows', () => {
    const { sms } = loadConfig({ SMS_PROVIDER: 'aliyun', SMS_GATEWAY_URL: 'http://127.0.0.1:4103' })
    expect(sms.aliyun).toMatchObject({ gatewayUrl: 'http://127.0.0.1:4103', accessKeyId: 'mall-development' })
    expect(sms.aliyun.templateCodes['order-shipped.en']).toBe('SMS_900200003')
  })

  it('need an account of their own in production', () => {
    expect(faultsOf({ ...production, SMS_PROVIDER: 'aliyun' })).toEqual([
      'SMS_ACCESS_KEY_ID',
      'SMS_ACCESS_KEY_SECRET',
      'SMS_SIGN_NAME',
      'SMS_TEMPLATES',
    ])
    expect(faultsOf({ ...production, ...account })).toEqual([])
    expect(
      faultsOf({ ...production, ...account, SMS_ACCESS_KEY_SECRET: 'mall-development-sms-secret' }),
    ).toEqual(['SMS_ACCESS_KEY_SECRET'])
    expect(faultsOf({ ...production, ...account, SMS_GATEWAY_URL: 'http://example.test' })).toEqual([
      'SMS_GATEWAY_URL',
    ])
    expect(faultsOf({ ...production, SMS_PROVIDER: 'console' })).toEqual(['SMS_PROVIDER'])
  })

  it('need a code for every text', () => {
    expect(faultsOf({ SMS_TEMPLATES: 'order-shipped.en=SMS_1' })).toEqual(['SMS_TEMPLATES'])
  })
})
