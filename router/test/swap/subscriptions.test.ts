import { queryObjects } from 'node:v8'
import { QueryPlanner } from '@apollo/query-planner'
import { createClient as createEventSource } from 'graphql-sse'
import { createClient as createSocket } from 'graphql-ws'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Pipeline } from '../../src/pipeline/pipeline.ts'
import { createOperation } from '../../src/subscriptions/operation.ts'
import { createStreams } from '../../src/subscriptions/streams.ts'
import { startStockGraph } from '../../src/testing/start-stock-graph.ts'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'
import { startLiveGraph } from './live-graph.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})
vi.setConfig({ testTimeout: 30_000 })
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 10 })

/** How many graphs are held after collections. */
const graphsAre = (count: number) =>
  vi.waitFor(() => expect(queryObjects(QueryPlanner, { format: 'count' })).toBe(count), {
    timeout: 10_000,
    interval: 500,
  })

const transports = {
  sockets: (url: string) =>
    createSocket({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0 }),
  'event streams': (url: string) => createEventSource({ url, retryAttempts: 0 }),
}

/** Follows by one of the transports until the first event has come. */
async function watch(transport: keyof typeof transports, router: { readonly url: string }, query: string) {
  const client = transports[transport](`${router.url}/graphql`)
  closing.push(() => client.dispose())
  const seen = { events: [] as unknown[], errors: [] as unknown[], isDone: false }
  client.subscribe(
    { query },
    {
      next: ({ data, errors }) => {
        if (data) seen.events.push(data)
        if (errors) seen.errors.push(...errors)
      },
      error: (errors) => void seen.errors.push(...(Array.isArray(errors) ? errors : [errors])),
      complete: () => void (seen.isDone = true),
    },
  )
  await eventually(() => expect(seen.events).toHaveLength(1))
  return seen
}

async function start() {
  const graph = await startTestGraph()
  closing.push(() => graph.close())
  return graph
}

async function startStock(options?: Parameters<typeof startStockGraph>[0]) {
  const graph = await startStockGraph(options)
  closing.push(() => graph.close())
  return graph
}

/** The same supergraph to clients, and another to the router. */
const changed = (supergraphSdl: string, index = 0) => `${supergraphSdl}\n# ${index}\n`

const bob = { id: '2', name: 'Bob' }

describe.each(['sockets', 'event streams'] as const)('over %s, a subscription', (transport) => {
  it('goes on over a swap by the new supergraph, and one that does not fit it any more ends with an error', async () => {
    const graph = await start()
    const { router, supergraphSdl, running } = graph
    const fits = await watch(transport, router, 'subscription { renamed { id score } }')
    const unfit = await watch(transport, router, 'subscription { renamed { name } }')
    const moved = await graph.startScores()
    closing.push(() => moved.close())
    await router.swap(supergraphSdl.replace(/^ *name: .*$/gm, '').replace(running.scores.url, moved.url))
    await eventually(() =>
      expect(unfit.errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]),
    )
    if (transport === 'event streams') await eventually(() => expect(unfit.isDone).toBe(true))
    await eventually(() => expect(graph.counts.subscriptions).toBe(1))
    await running.scores.close()
    graph.publish(bob)
    await eventually(() =>
      expect(fits.events).toEqual(['1', '1', '2'].map((id) => ({ renamed: { id, score: Number(id) * 10 } }))),
    )
    expect(fits).toMatchObject({ errors: [], isDone: false })
  })

  it('ends when the new supergraph guards what it watches', async () => {
    const { router, supergraphSdl } = await start()
    const field = await watch(transport, router, 'subscription { renamed { id name } }')
    const before = await watch(transport, router, 'subscription { renamed { id email } }')
    const root = await watch(transport, router, 'subscription { renamed { id } }')
    const guarded = supergraphSdl.replace(
      /^( *name: String @join__field\(graph: PEOPLE\))/m,
      '$1 @authenticated',
    )
    await router.swap(guarded)
    await eventually(() => expect(field.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]))
    // What was kept from the client before is no reason.
    await eventually(() => expect(before.events).toHaveLength(2))
    expect(before.isDone).toBe(false)
    await router.swap(guarded.replace(/^( *renamed: Person)/m, '$1 @authenticated'))
    await eventually(() => expect(root.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]))
  })

  it('lets go of the supergraphs of before, and of sockets to subgraphs that have moved', async () => {
    const graph = await start()
    const { router, supergraphSdl, running, counts } = graph
    const { events, errors } = await watch(transport, router, 'subscription { renamed { name } }')
    const moved = await graph.startPeople()
    closing.push(() => moved.close())
    for (let index = 1; index <= 4; index += 1) {
      const { url } = index % 2 === 0 ? running.people : moved
      await router.swap(supergraphSdl.replace(running.people.url, url))
      await eventually(() => expect(events).toHaveLength(1 + index))
      await eventually(() => expect(counts).toMatchObject({ subscriptions: 1, sockets: 1 }))
    }
    await graphsAre(1)
    graph.publish(bob)
    await eventually(() => expect(events.at(-1)).toEqual({ renamed: { name: 'Bob' } }))
    expect(errors).toEqual([])
  })

  it('waits for a subgraph that has moved to where nothing is yet', async () => {
    const graph = await start()
    const { router, supergraphSdl, running } = graph
    const { events, errors } = await watch(transport, router, 'subscription { renamed { name } }')
    const later = await graph.startPeople()
    await later.close()
    await router.swap(supergraphSdl.replace(running.people.url, later.url))
    graph.publish(bob)
    await eventually(() => expect(events.at(-1)).toEqual({ renamed: { name: 'Bob' } }))
    // As long as a new subscription would be given up after.
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    const moved = await graph.startPeople(Number(new URL(later.url).port))
    closing.push(() => moved.close())
    await eventually(() => expect(events.at(-1)).toEqual({ renamed: { name: 'Ann' } }))
    expect(errors).toEqual([])
  })

  it.each(['stockChanged', 'padded'] as const)('misses nothing of %s over many swaps', async (field) => {
    const graph = await startStock()
    const publish = (version: number) => graph.publish({ skuId: 'a', available: 1, version })
    publish(1)
    const query = `subscription { ${field}(skuIds: ["a"]) { version sku { name } } }`
    const watchers = await Promise.all([1, 2, 3].map(() => watch(transport, graph.router, query)))
    let isStopped = false
    let version = 1
    const publishing = (async () => {
      while (!isStopped) {
        for (let burst = 0; burst < 5; burst += 1) publish((version += 1))
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    })()
    const SWAPS = 4
    for (let index = 0; index < SWAPS; index += 1) {
      await graph.router.swap(changed(graph.supergraphSdl, index))
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    isStopped = true
    await publishing
    publish((version += 1))
    for (const { events, errors, isDone } of watchers) {
      const versions = () =>
        events.map((event) => (event as Record<string, { version: number }>)[field]?.version)
      await eventually(() => expect(versions().at(-1)).toBe(version))
      // Whoever follows states may get only the newest of some that come at once.
      if (field === 'padded')
        expect(new Set(versions())).toEqual(new Set(Array.from({ length: version }, (_, index) => index + 1)))
      expect(versions()).toEqual(versions().toSorted((a, b) => Number(a) - Number(b)))
      expect(versions().length).toBeLessThanOrEqual(version + SWAPS)
      expect([errors, isDone]).toEqual([[], false])
    }
    const upstreams = field === 'stockChanged' ? 1 : watchers.length
    await eventually(() => expect(graph.counts.subscriptions).toBe(upstreams))
  })
})

describe('a swap while a subscription is being admitted', () => {
  const mask = (error: unknown) => ({ message: String(error) })

  /** Begins a subscription, swaps before it is admitted, and gives what it is told. */
  async function subscribe(query: string, change: (supergraphSdl: string) => string) {
    const { routerOptions, supergraphSdl, counts } = await start()
    const graph = await startLiveGraph(routerOptions)
    closing.push(() => graph.close())
    const admitting = Promise.withResolvers<void>()
    const swapped = Promise.withResolvers<void>()
    const pipeline: Pipeline = {
      ...graph.pipeline,
      async admit(...asked) {
        const found = await graph.pipeline.admit(...asked)
        admitting.resolve()
        await swapped.promise
        return found
      },
    }
    const deadline = () => Date.now() + 5_000
    const told: unknown[] = []
    const operation = createOperation(
      { address: '', session: null, viewer: null, running: new Map() },
      { query },
      {
        next: ({ payload }) => void told.push(JSON.parse(payload.toString())),
        error: (errors) => void told.push(errors),
        complete: () => void told.push('complete'),
      },
      {
        ...graph,
        pipeline,
        streams: createStreams({ ...graph, pipeline, deadline }),
        persisted: graph.protection.persisted,
        mask,
        deadline,
      },
    )
    closing.push(() => operation.stop())
    const running = operation.run()
    await admitting.promise
    await graph.swap(change(supergraphSdl))
    swapped.resolve()
    await running
    return { told, counts }
  }

  it('is what it is admitted by', async () => {
    const { told, counts } = await subscribe('subscription { renamed { name } }', changed)
    await eventually(() => expect(told).toEqual([{ data: { renamed: { name: 'Ann' } } }]))
    expect(counts.subscriptions).toBe(1)
    // The other is that of the router before the same subgraphs.
    await graphsAre(2)
  })

  it('refuses it, when it does not fit any more', async () => {
    const { told, counts } = await subscribe('subscription { renamed { name } }', (supergraphSdl) =>
      supergraphSdl.replace(/^ *name: .*$/gm, ''),
    )
    expect(told).toMatchObject([[{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]])
    expect(counts.subscriptions).toBe(0)
  })
})
