import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  ConfigError,
  brokers,
  identityKeys,
  integer,
  logLevel,
  port,
  postgresUrl,
  readConfig,
  redisUrl,
  secret,
} from './config.ts'

const schema = z.object({
  PORT: port(4001),
  DATABASE_URL: postgresUrl('postgres://mall:mall@127.0.0.1:5433/users'),
  DATABASE_POOL_SIZE: integer(10, { max: 100 }),
  REDIS_URL: redisUrl(),
  KAFKA_BROKERS: brokers(),
  LOG_LEVEL: logLevel(),
  INTERNAL_IDENTITY_KEYS: identityKeys(),
  PROVIDER_SECRET: secret('for development only'),
})

describe('readConfig', () => {
  it('gives the documented defaults for an empty environment', () => {
    expect(readConfig(schema, {})).toMatchObject({
      PORT: 4001,
      DATABASE_URL: 'postgres://mall:mall@127.0.0.1:5433/users',
      DATABASE_POOL_SIZE: 10,
      REDIS_URL: 'redis://127.0.0.1:6380',
      KAFKA_BROKERS: ['127.0.0.1:9094'],
      LOG_LEVEL: 'info',
      INTERNAL_IDENTITY_KEYS: [{ id: 'dev' }],
    })
  })

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig(schema, { PORT: '', REDIS_URL: ' ' })).toMatchObject({ PORT: 4001 })
  })

  it('reads lists of keys and of brokers', () => {
    const config = readConfig(schema, {
      INTERNAL_IDENTITY_KEYS: 'b:second-secret-0123456789,a:first:secret-0123456789',
      KAFKA_BROKERS: 'k1:9092, k2:9092',
    })
    expect(config.INTERNAL_IDENTITY_KEYS).toEqual([
      { id: 'b', secret: 'second-secret-0123456789' },
      { id: 'a', secret: 'first:secret-0123456789' },
    ])
    expect(config.KAFKA_BROKERS).toEqual(['k1:9092', 'k2:9092'])
  })

  it('names every fault at once and no value', () => {
    const faults = faultsOf({
      PORT: 'seventy',
      DATABASE_URL: 'mysql://root:hunter2@db',
      DATABASE_POOL_SIZE: '0',
      KAFKA_BROKERS: 'nonsense',
      LOG_LEVEL: 'loud',
      INTERNAL_IDENTITY_KEYS: 'a:short',
    })
    expect(faults.map(({ variable }) => variable)).toEqual([
      'PORT',
      'DATABASE_URL',
      'DATABASE_POOL_SIZE',
      'KAFKA_BROKERS',
      'LOG_LEVEL',
      'INTERNAL_IDENTITY_KEYS',
    ])
    expect(JSON.stringify(faults)).not.toMatch(/hunter2|short|nonsense/)
  })

  it('refuses development secrets in production, set or not', () => {
    const dev = 'ok:0123456789abcdef0,dev:mall-development-identity-secret'
    const faults = faultsOf({ NODE_ENV: 'production', INTERNAL_IDENTITY_KEYS: dev })
    expect(faults.map(({ variable }) => variable)).toEqual(['INTERNAL_IDENTITY_KEYS', 'PROVIDER_SECRET'])
  })

  it('accepts production when every secret is its own', () => {
    const env = { INTERNAL_IDENTITY_KEYS: 'p:0123456789abcdef0', PROVIDER_SECRET: 'very own' }
    expect(readConfig(schema, { ...env, NODE_ENV: 'production' })).toMatchObject({
      PROVIDER_SECRET: 'very own',
    })
  })
})

function faultsOf(env: NodeJS.ProcessEnv) {
  try {
    readConfig(schema, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  throw new Error('no fault was found')
}
