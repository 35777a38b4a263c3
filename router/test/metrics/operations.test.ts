import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { limitsSchema } from '../../src/limits/config.ts'
import { persistedSchema } from '../../src/persisted/config.ts'
import { hashOf } from '../../src/persisted/manifest.ts'
import { rateLimitsSchema } from '../../src/rate-limits/config.ts'
import { startLibrary } from '../../src/partners/testing/start-library.ts'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { figuresOf, readMetrics } from '../../src/testing/read-metrics.ts'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'
import { query } from '../protection/ask.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function start(options: Parameters<typeof startTestGraph>[0] = {}) {
  const graph = await startTestGraph(options)
  closers.push(() => graph.close())
  return { ...graph, figures: (...series: string[]) => figuresOf(graph.router, series) }
}

const operations = (labels: string) => `router_operation_duration_seconds_count{${labels}}`
const fetches = (labels: string) => `router_subgraph_fetch_duration_seconds_count{${labels}}`
const plans = ['hit', 'miss'].map((result) => `router_plan_cache_lookups_total{result="${result}"}`)
const swaps = ['done', 'refused'].map((result) => `router_supergraph_swaps_total{result="${result}"}`)
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 5_000, interval: 20 })

describe('of operations', () => {
  it('how long they took is told by name, type and outcome, however they came', async () => {
    const graph = await start()
    await graph.ask('query People { people { id } }')
    await graph.ask('query People { people { id } }')
    await graph.ask('query Leak { leaky }')
    await graph.ask('mutation Count { count }')
    await graph.ask('{ caller }')
    await graph.ask('mutation Rename { rename(id: 1, name: "x") { id } }')
    const socket = await connectSocket(graph.router)
    socket.subscribe('1', 'query Best { best { score } }')
    await eventually(() => expect(socket.of('1').at(-1)?.type).toBe('complete'))
    expect(
      await graph.figures(
        operations('operation="People",type="query",outcome="ok"'),
        operations('operation="Leak",type="query",outcome="error"'),
        operations('operation="Count",type="mutation",outcome="ok"'),
        operations('operation="anonymous",type="query",outcome="ok"'),
        operations('operation="Rename",type="mutation",outcome="refused"'),
        operations('operation="Best",type="query",outcome="ok"'),
        fetches('subgraph="people",outcome="error"'),
        fetches('subgraph="scores",outcome="ok"'),
      ),
    ).toEqual([2, 1, 1, 1, 1, 1, 1, 1])
  })

  it('names that clients make up are other after a hundred, registered ones never', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'manifest-'))
    closers.push(() => rmSync(folder, { recursive: true }))
    const manifest = join(folder, 'operations.json')
    const registered = 'query Late { caller }'
    writeFileSync(manifest, JSON.stringify({ [hashOf(registered)]: registered }))
    const graph = await start({ file: { persisted: persistedSchema.parse({ manifest }) } })
    for (let index = 0; index < 110; index += 1) await graph.ask(`query Made${index} { caller }`)
    await graph.ask(registered)
    expect(
      await graph.figures(
        ...['Made0', 'Made99', 'Made100', 'other', 'Late'].map((name) =>
          operations(`operation="${name}",type="query",outcome="ok"`),
        ),
      ),
    ).toEqual([1, 1, 0, 10, 1])
  })

  it("partners' operations have their names, too, whatever came before", async () => {
    const library = await startLibrary({ keys: [] })
    closers.push(() => library.close())
    for (let index = 0; index < 101; index += 1) await query(library.url, `query Made${index} { __typename }`)
    expect((await library.ask('/v1/books')).status).toBe(200)
    const { of } = await readMetrics(library)
    expect(of(operations('operation="listBooks",type="query",outcome="ok"'))).toBe(1)
    expect(of(operations('operation="other",type="query",outcome="ok"'))).toBe(1)
  })

  it('that take too long, or whose client leaves, are told apart', async () => {
    const graph = await start()
    const slow = await graph.ask('query Slow { pause(ms: 700) }')
    expect(slow.text).toContain('TIMEOUT')
    const socket = await connectSocket(graph.router)
    socket.subscribe('1', 'query Left { pause(ms: 400) }')
    await eventually(() => expect(graph.counts.requests).toBe(1))
    expect(
      await graph.figures(
        'router_operations_in_flight{state="running"}',
        'router_subgraph_fetches_in_flight{subgraph="people"}',
      ),
    ).toEqual([1, 1])
    socket.socket.terminate()
    await eventually(async () =>
      expect(
        await graph.figures(
          operations('operation="Slow",type="query",outcome="timeout"'),
          operations('operation="Left",type="query",outcome="cancelled"'),
          fetches('subgraph="people",outcome="timeout"'),
          fetches('subgraph="people",outcome="cancelled"'),
          'router_operations_in_flight{state="running"}',
          'router_subgraph_fetches_in_flight{subgraph="people"}',
        ),
      ).toEqual([1, 1, 1, 1, 0, 0]),
    )
    const { text } = await readMetrics(graph.router)
    const sum = Number(/duration_seconds_sum\{operation="Slow".*\} (.+)/.exec(text)?.[1])
    expect(sum).toBeGreaterThanOrEqual(0.49)
    expect(sum).toBeLessThan(0.7)
  })

  it('plans are told to be made or remembered, and not counted when they are made beforehand', async () => {
    const graph = await start()
    for (let i = 0; i < 3; i += 1) await graph.ask('{ people { id } }')
    await graph.ask('{ people { name } }')
    expect(await graph.figures(...plans, ...swaps)).toEqual([2, 2, 0, 0])
    await graph.router.swap(`${graph.supergraphSdl}\n`)
    await expect(graph.router.swap('type Query { nonsense')).rejects.toThrow()
    expect(await graph.figures(...plans, ...swaps)).toEqual([2, 2, 1, 1])
    await graph.ask('{ people { id } }')
    expect(await graph.figures(...plans)).toEqual([3, 2])
  })

  it('by their hash are hits, learned or unknown; those that are not registered are counted', async () => {
    const graph = await start({ file: { persisted: persistedSchema.parse({ mode: 'log' }) } })
    const text = '{ caller }'
    const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf(text) } }
    await graph.ask('', { query: undefined, extensions })
    await graph.ask(text, { extensions })
    await graph.ask('', { query: undefined, extensions })
    await graph.ask('', { query: undefined, extensions })
    const results = ['unknown', 'learned', 'hit', 'unregistered']
    expect(
      await graph.figures(...results.map((one) => `router_persisted_operations_total{result="${one}"}`)),
    ).toEqual([1, 1, 2, 3])
  })

  it('that ask the same at once share a fetch', async () => {
    const graph = await start()
    await Promise.all([graph.ask('{ pause(ms: 50) }'), graph.ask('{ pause(ms: 50) }')])
    expect(await graph.figures('router_shared_fetches_total')).toEqual([1])
  })
})

describe('of refusals', () => {
  it('those that are invalid, beyond limits, and not allowed', async () => {
    const graph = await start({ file: { limits: limitsSchema.parse({ cost: 15 }) } })
    await graph.ask('{ nothing }')
    await graph.ask('{ people {')
    await graph.ask('query Dear { people { id } beings { id } }')
    expect(
      await graph.figures(
        'router_invalid_operations_total',
        operations('operation="Dear",type="query",outcome="refused"'),
      ),
    ).toEqual([2, 1])
  })

  it('rates', async () => {
    const rateLimits = rateLimitsSchema.parse({ queries: { address: 25, user: 25 } })
    const graph = await start({ file: { rateLimits } })
    const statuses = []
    for (let i = 0; i < 4; i += 1) statuses.push((await graph.ask('query People { people { id } }')).status)
    expect(statuses).toEqual([200, 200, 429, 429])
    // The last was turned away before it was read.
    expect(
      await graph.figures(
        'router_rate_limited_total',
        operations('operation="People",type="query",outcome="refused"'),
      ),
    ).toEqual([2, 1])
  })

  it('too many at once', async () => {
    const graph = await start({ file: { concurrency: { running: 1, waiting: 1, waitFor: 200 } } })
    const running = query(graph.router.url, 'query First { pause(ms: 400) }')
    await eventually(() => expect(graph.counts.requests).toBe(1))
    const waiting = query(graph.router.url, 'query Second { pause(ms: 1) }')
    await eventually(async () =>
      expect(await graph.figures('router_operations_in_flight{state="waiting"}')).toEqual([1]),
    )
    expect((await query(graph.router.url, '{ caller }')).status).toBe(503)
    expect((await waiting).status).toBe(503)
    expect((await running).status).toBe(200)
    expect(
      await graph.figures(
        'router_shed_total',
        operations('operation="Second",type="query",outcome="refused"'),
        operations('operation="First",type="query",outcome="ok"'),
        'router_operations_in_flight{state="waiting"}',
      ),
    ).toEqual([2, 1, 1, 0])
  })
})
