import { expect, it } from 'vitest'
import { loadConfig } from './config.ts'

it('tells routers of changes in the Redis of everything else, or in one of their own', () => {
  const REDIS_URL = 'redis://a:6379'
  expect(loadConfig({ REDIS_URL }).cacheRedisUrl).toBe(REDIS_URL)
  expect(loadConfig({ REDIS_URL, CACHE_REDIS_URL: 'rediss://b:6379' }).cacheRedisUrl).toBe('rediss://b:6379')
  expect(() => loadConfig({ CACHE_REDIS_URL: 'http://b' })).toThrow('CACHE_REDIS_URL')
})
