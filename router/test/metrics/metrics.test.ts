import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { startRouter } from '../../src/start.ts'
import { readMetrics } from '../../src/testing/read-metrics.ts'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function start() {
  const graph = await startTestGraph()
  closers.push(() => graph.close())
  return graph
}

describe('metrics', () => {
  it('are not where clients are, and nothing else is where they are', async () => {
    const { router, routerOptions } = await start()
    const onPublicPort = await fetch(`${router.url}/metrics`)
    expect(onPublicPort.status).toBe(404)
    expect(await onPublicPort.text()).not.toContain('router_')
    const { text, contentType } = await readMetrics(router)
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(text).toContain('nodejs_eventloop_lag_seconds')
    const url = new URL(router.metricsUrl ?? '')
    expect([url.hostname, url.pathname]).toEqual(['127.0.0.1', '/metrics'])
    for (const path of ['/graphql', '/', '/healthz'])
      expect((await fetch(new URL(path, url))).status).toBe(404)

    const silent = await startRouter({ ...routerOptions, metrics: null })
    closers.push(() => silent.close())
    expect(silent.metricsUrl).toBeNull()
    expect((await fetch(`${silent.url}/metrics`)).status).toBe(404)
  })

  it('are those that docs/metrics.md lists', async () => {
    const { router } = await start()
    const told = (await readMetrics(router)).text.matchAll(/^# TYPE (router_\w+)/gm)
    const page = readFileSync(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8')
    const listed = page.matchAll(/^\| `(router_\w+)`/gm)
    const names = (matches: Iterable<RegExpExecArray>) => Array.from(matches, ([, name]) => name).toSorted()
    expect(names(listed)).toEqual(names(told))
  })

  it('name, describe and type every series that they have', async () => {
    const graph = await start()
    await graph.ask('query People { people { id } }')
    const { text } = await readMetrics(graph.router)
    const own = text.split('\n').filter((line) => /^router_/.test(line))
    expect(own.length).toBeGreaterThan(30)
    for (const line of own) {
      const name = /^\w+/.exec(line)?.[0].replace(/_(bucket|sum|count)$/, '') ?? ''
      expect(line).toMatch(/^router_[a-z_]+(\{(\w+="[^"]*",?)+\})? [\d.e-]+$/)
      expect(text).toMatch(
        new RegExp(`^# HELP ${name} .+\\n# TYPE ${name} (counter|gauge|histogram)\\n`, 'm'),
      )
    }
  })
})
