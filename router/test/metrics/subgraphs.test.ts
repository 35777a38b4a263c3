import { afterEach, expect, it, vi } from 'vitest'
import { figuresOf } from '../../src/testing/read-metrics.ts'
import { startSickGraph } from '../faults/sick-graph.ts'
import { send, well } from '../faults/sick-server.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function start(options: Parameters<typeof startSickGraph>[0]) {
  const graph = await startSickGraph(options)
  closers.push(() => graph.close())
  return { ...graph, figures: (...series: string[]) => figuresOf(graph.router, series) }
}

const fetches = (outcome: string) =>
  `router_subgraph_fetch_duration_seconds_count{subgraph="stock",outcome="${outcome}"}`
const instances = ['ready', 'unknown', 'down'].map(
  (health) => `router_subgraph_instances{subgraph="stock",health="${health}"}`,
)
const breakers = 'router_subgraph_breakers_open{subgraph="stock"}'
const retries = 'router_subgraph_retries_total{subgraph="stock"}'
const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 5_000, interval: 20 })

it('fetches that fail are told by how, with retries, and a breaker that opens and closes', async () => {
  const breaker = { minimum: 4, window: 60_000, pause: 300 }
  const { ask, first, figures } = await start({ file: { subgraphs: { breaker, retries: 1 } } })
  first.behave((response) => send(response, 'no', 503))
  await ask('{ total }')
  expect(await figures(retries, fetches('unavailable'), breakers)).toEqual([1, 1, 0])
  for (let i = 0; i < 4; i += 1) await ask('{ total }')
  expect(await figures(breakers)).toEqual([1])

  first.behave(well)
  await eventually(async () => expect((await ask('{ total }')).data).toEqual({ total: 7 }))
  expect(await figures(breakers, fetches('ok'))).toEqual([0, 1])
  first.behave(() => undefined)
  await ask('{ total }')
  expect(await figures(fetches('timeout'))).toEqual([1])
})

it('instances are told by their health', async () => {
  const probe = { interval: 50, timeout: 200 }
  const { stock, figures } = await start({ instances: 2, file: { subgraphs: { probe } } })
  await eventually(async () => expect(await figures(...instances)).toEqual([2, 0, 0]))
  const [, second] = stock
  if (second) second.ready = 503
  await eventually(async () => expect(await figures(...instances)).toEqual([1, 0, 1]))
  if (second) second.ready = 200
  await eventually(async () => expect(await figures(...instances)).toEqual([2, 0, 0]))
})
