import { createClient as createSseClient } from 'graphql-sse'
import { afterEach, expect, it, vi } from 'vitest'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { readMetrics } from '../../src/testing/read-metrics.ts'
import { startStockGraph } from '../../src/testing/start-stock-graph.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 5_000, interval: 20 })

const open = [
  'router_connections_open{transport="websocket"}',
  'router_connections_open{transport="sse"}',
  'router_subscriptions_open{side="client"}',
  'router_subscriptions_open{side="upstream"}',
]

async function startStock() {
  const graph = await startStockGraph()
  closers.push(() => graph.close())
  graph.publish({ skuId: 'a', available: 1, version: 1 })
  return graph
}
const watch = 'subscription Watch { stockChanged(skuIds: ["a"]) { sku { id } version padding } }'

it('sockets, event streams, and what runs on them, here and at subgraphs', async () => {
  const graph = await startStock()
  const expectOpen = (figures: readonly number[]) =>
    eventually(async () => {
      const { of } = await readMetrics(graph.router)
      expect(open.map(of)).toEqual(figures)
    })
  const sockets = [await connectSocket(graph.router), await connectSocket(graph.router)]
  await expectOpen([2, 0, 0, 0])
  for (const socket of sockets) socket.subscribe('1', watch)
  await expectOpen([2, 0, 2, 1])
  sockets[0]?.subscribe('2', 'subscription { padded(skuIds: ["a"]) { version } }')
  await expectOpen([2, 0, 3, 2])
  const sse = createSseClient({ url: `${graph.router.url}/graphql`, retryAttempts: 0 })
  sse.subscribe({ query: watch }, { next: () => {}, error: () => {}, complete: () => {} })
  await expectOpen([2, 1, 4, 2])
  sse.dispose()
  sockets[0]?.send({ type: 'complete', id: '2' })
  await expectOpen([2, 0, 2, 1])
  for (const { socket } of sockets) socket.terminate()
  await expectOpen([0, 0, 0, 0])
})

it('events that a slow client was spared', async () => {
  const graph = await startStock()
  const slow = await connectSocket(graph.router)
  slow.subscribe('1', watch)
  await eventually(() => expect(slow.of('1').length).toBe(1))
  slow.socket.pause()
  const padding = 'x'.repeat(50_000)
  for (let version = 2; version < 600; version += 1) {
    graph.publish({ skuId: 'a', available: 1, version, padding })
    if (version % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
  await eventually(async () =>
    expect((await readMetrics(graph.router)).of('router_conflated_events_total')).toBeGreaterThan(0),
  )
  slow.socket.terminate()
})
