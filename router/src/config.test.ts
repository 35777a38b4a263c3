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

  it('traces where it is told to, and nothing else', () => {
    expect(loadConfig({}).tracing).toBeNull()
    const base = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://there:4318/' }
    const tracing = { url: 'http://there:4318/v1/traces', serviceName: 'router' }
    expect(loadConfig(base).tracing).toEqual(tracing)
    const own = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://elsewhere/spans', OTEL_SERVICE_NAME: 'edge' }
    expect(loadConfig({ ...base, ...own }).tracing).toEqual({
      url: 'https://elsewhere/spans',
      serviceName: 'edge',
    })
    expect(() => loadConfig({ OTEL_TRACES_SAMPLER: 'some', OTEL_TRACES_SAMPLER_ARG: '2' })).toThrow(
      /OTEL_TRACES_SAMPLER[^]*OTEL_TRACES_SAMPLER_ARG/,
    )
  })

  it('names every fault', () => {
    expect(() => loadConfig({ PORT: 'x', SUBGRAPH_URLS: 'a=nowhere' })).toThrow(/PORT[^]*SUBGRAPH_URLS/)
    expect(() => loadConfig({ ROUTER_CONFIG: 'nowhere.yaml' })).toThrow(/ROUTER_CONFIG: nowhere\.yaml/)
    expect(() => loadConfig({ NODE_ENV: 'production' })).toThrow('INTERNAL_IDENTITY_KEYS')
  })
})
