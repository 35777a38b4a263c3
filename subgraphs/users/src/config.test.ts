import { ConfigError } from '@mall/service/config'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'

const production = {
  NODE_ENV: 'production',
  EVENT_SIGNING_KEYS: 'k1:0123456789abcdef',
  INTERNAL_IDENTITY_KEYS: 'k1:0123456789abcdef',
  INTROSPECTION_CLIENTS: 'partner:0123456789abcdef',
}

describe('the configuration of users', () => {
  it('works without any variable in development', () => {
    expect(loadConfig({})).toMatchObject({
      listen: { host: '127.0.0.1', port: 4001 },
      tokens: { accessSeconds: 900, refreshSeconds: 2_592_000 },
      isProduction: false,
    })
  })

  it('refuses production without signing keys and without secrets, all named at once', () => {
    expect(variablesAtFault({ NODE_ENV: 'production' })).toEqual([
      'EVENT_SIGNING_KEYS',
      'INTERNAL_IDENTITY_KEYS',
      'INTROSPECTION_CLIENTS',
      'JWT_SIGNING_KEYS',
    ])
    expect(variablesAtFault(production)).toEqual(['JWT_SIGNING_KEYS'])
  })

  it('accepts production with keys of its own', () => {
    expect(loadConfig({ ...production, JWT_SIGNING_KEYS: '{}' }).isProduction).toBe(true)
  })

  it('refuses a key file that is not there', () => {
    expect(variablesAtFault({ JWT_SIGNING_KEYS_FILE: '/nowhere/keys.json' })).toEqual([
      'JWT_SIGNING_KEYS_FILE',
    ])
  })
})

function variablesAtFault(env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ variable }) => variable)
    throw error
  }
  return []
}
