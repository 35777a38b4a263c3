import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig } from './config.ts'

const rootFile = join(import.meta.dirname, '..', '..', 'router.yaml')

describe('the configuration', () => {
  it('authenticates nobody and forwards nothing without a file', () => {
    const { listen, file, rightsRedisUrl } = loadConfig({})
    expect(listen).toEqual({ host: '127.0.0.1', port: 4000 })
    expect([file.authentication, file.forward, rightsRedisUrl]).toEqual([undefined, [], null])
  })

  it('reads the file at the root, and what it takes from the environment', () => {
    const { file, rightsRedisUrl } = loadConfig({ ROUTER_CONFIG: rootFile, REDIS_URL: 'redis://elsewhere:1' })
    expect(file.forward.length).toBeGreaterThan(0)
    expect(rightsRedisUrl).toBe('redis://elsewhere:1')
  })

  it('reads several instances of a subgraph', () => {
    const { subgraphUrls } = loadConfig({
      SUBGRAPH_URLS: 'a=http://x/graphql|http://y/graphql?k=v, b=http://z/graphql',
    })
    expect([...subgraphUrls]).toEqual([
      ['a', ['http://x/graphql', 'http://y/graphql?k=v']],
      ['b', ['http://z/graphql']],
    ])
  })

  it('serves metrics where it is told to, and nowhere else', () => {
    expect(loadConfig({}).metrics).toBeNull()
    expect(loadConfig({ METRICS_PORT: '' }).metrics).toBeNull()
    expect(loadConfig({ METRICS_PORT: '4010', HOST: '0.0.0.0' }).metrics).toEqual({
      host: '127.0.0.1',
      port: 4010,
    })
    expect(loadConfig({ METRICS_PORT: '1', METRICS_HOST: '10.0.0.1' }).metrics?.host).toBe('10.0.0.1')
    expect(() => loadConfig({ METRICS_PORT: '-1' })).toThrow('METRICS_PORT')
  })

  it('names every fault', () => {
    expect(() => loadConfig({ PORT: 'x', SUBGRAPH_URLS: 'a=nowhere' })).toThrow(/PORT[^]*SUBGRAPH_URLS/)
    expect(() => loadConfig({ ROUTER_CONFIG: 'nowhere.yaml' })).toThrow(/ROUTER_CONFIG: nowhere\.yaml/)
    expect(() => loadConfig({ NODE_ENV: 'production' })).toThrow('INTERNAL_IDENTITY_KEYS')
  })
})
