import { afterEach, expect, it, vi } from 'vitest'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { startStockGraph } from '../../src/testing/start-stock-graph.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 10 })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const query = (field: string) =>
  `subscription { ${field}(skuIds: ["a", "b"]) { sku { id } version padding } }`
/** Far more than the buffers between the two take, 40 MB. */
const EVENTS = 4_000
const padding = 'x'.repeat(10_000)

vi.setConfig({ testTimeout: 40_000 })

async function start() {
  const graph = await startStockGraph()
  closers.push(() => graph.close())
  return graph
}

/** Versions of "a" from `from` on, and among the first of them one of "b"; so slowly that those who read can follow. */
async function publishMany(graph: Awaited<ReturnType<typeof start>>, from: number) {
  for (let version = from; version < from + EVENTS; version += 1) {
    graph.publish({ skuId: 'a', available: 1, version, padding })
    if (version === from + 10) graph.publish({ skuId: 'b', available: 1, version, padding: '' })
    if (version % 20 === 0) await pause(2)
  }
}

it('a slow client gets the newest state of each key, never an older one after it, and nobody waits for it', async () => {
  const graph = await start()
  const slow = await connectSocket(graph.router)
  const quick = await connectSocket(graph.router)
  for (const { subscribe } of [slow, quick]) subscribe('1', query('stockChanged'))
  const changes = ({ of }: typeof slow) => of('1').map(({ payload }) => payload.data.stockChanged)
  graph.publish({ skuId: 'a', available: 1, version: 0 })
  for (const one of [slow, quick]) await eventually(() => expect(changes(one).length).toBeGreaterThan(0))

  slow.socket.pause()
  await publishMany(graph, 1)
  await eventually(() => expect(changes(quick).at(-1)?.version).toBe(EVENTS))
  expect(changes(quick).length).toBeGreaterThan(EVENTS / 2)
  slow.socket.resume()
  await eventually(() => expect(changes(slow).at(-1)?.version).toBe(EVENTS))

  expect(changes(slow).length).toBeLessThan(EVENTS / 2)
  expect(changes(slow).filter(({ sku }) => sku.id === 'b')).toMatchObject([{ version: 11 }])
  const versions = changes(slow).flatMap(({ sku, version }) => (sku.id === 'a' ? [version] : []))
  expect(versions).toEqual(versions.toSorted((a, b) => a - b))
  graph.publish({ skuId: 'a', available: 1, version: EVENTS + 1 })
  await eventually(() => expect(changes(slow).at(-1)?.version).toBe(EVENTS + 1))
})

it('where events must not be left out, the operation of a slow client ends with an error, and the socket lives', async () => {
  const graph = await start()
  const slow = await connectSocket(graph.router)
  slow.subscribe('1', query('padded'))
  await eventually(() => expect(graph.counts.subscriptions).toBe(1))
  slow.socket.pause()
  await publishMany(graph, 1)
  await eventually(() => expect(graph.counts.subscriptions).toBe(0))
  slow.socket.resume()
  await eventually(() => expect(slow.of('1').at(-1)).toMatchObject({ type: 'error' }))
  expect(slow.of('1').at(-1)?.payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
  const versions = slow.of('1').flatMap(({ type, payload }) => (type === 'next' ? [payload.data.padded] : []))
  const ofA = versions.flatMap(({ sku, version }) => (sku.id === 'a' ? [version] : []))
  expect(ofA).toEqual(ofA.map((_, index) => index + 1))
  slow.subscribe('2', '{ nothing }')
  await eventually(() => expect(slow.of('2').at(-1)?.type).toBe('complete'))
})

it('whose present state alone is too much to send is told so, and follows nothing', async () => {
  const graph = await start()
  const ids = Array.from({ length: 600 }, (_, index) => `${index}`)
  const watch = 'subscription ($ids: [ID!]!) { stockChanged(skuIds: $ids) { padding } }'
  const [early, late] = [await connectSocket(graph.router), await connectSocket(graph.router)]
  early.subscribe('1', watch, { ids })
  await eventually(() => expect(graph.counts.subscriptions).toBe(1))
  for (const [index, skuId] of ids.entries()) {
    graph.publish({ skuId, available: 1, version: 1, padding: padding.repeat(4) })
    if (index % 20 === 0) await pause(2)
  }
  await eventually(() => expect(early.of('1')).toHaveLength(ids.length))
  late.subscribe('1', watch, { ids })
  late.socket.pause()
  // A join is one turn of the router's loop, which is this one, too.
  await pause(500)
  late.socket.resume()
  await eventually(() => expect(late.of('1').at(-1)?.type).toBe('error'))
  expect(late.of('1').at(-1)?.payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
  early.socket.terminate()
  await eventually(() => expect(graph.counts.subscriptions).toBe(0))
})
