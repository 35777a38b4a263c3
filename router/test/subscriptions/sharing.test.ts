import { afterEach, describe, expect, it, vi } from 'vitest'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { startStockGraph } from '../../src/testing/start-stock-graph.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function start(options: Parameters<typeof startStockGraph>[0] = {}) {
  const graph = await startStockGraph(options)
  closers.push(() => graph.close())
  graph.publish({ skuId: 'a', available: 1, version: 1 })
  return graph
}
type Graph = Awaited<ReturnType<typeof start>>

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 6_000, interval: 10 })
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const watch = (selection: string) =>
  `subscription ($ids: [ID!]!) { stockChanged(skuIds: $ids) { ${selection} } }`

/** Follows on a socket of its own; `seen` are the answers, errors included. */
async function follow(
  graph: Graph,
  query: string,
  options: { token?: string; router?: { url: string } } = {},
) {
  const socket = await connectSocket(options.router ?? graph.router, options.token)
  socket.subscribe('1', query, { ids: ['a', 'b'] })
  const seen = () => socket.of('1').map(({ payload }) => payload)
  await eventually(() => expect(seen().length).toBeGreaterThan(0))
  return Object.assign(socket, { seen })
}

vi.setConfig({ testTimeout: 15_000 })

describe('of a shared root field', () => {
  it('all watchers have one subscription at the subgraph, and what completes an event is fetched once', async () => {
    const graph = await start()
    const query = watch('available sku { id name }')
    const stranger = await follow(graph, query)
    const other = await follow(graph, query)
    const shopper = await follow(graph, query, { token: await graph.token('1') })
    const merchant = await follow(graph, query, { token: await graph.token('2', { scope: 'stock:cost' }) })
    expect(graph.counts).toEqual({ subscriptions: 1, opened: 1, names: 1 })
    graph.publish({ skuId: 'b', available: 5, version: 1 })
    for (const { seen } of [stranger, other, shopper, merchant])
      await eventually(() =>
        expect(seen()).toEqual([
          { data: { stockChanged: { available: 1, sku: { id: 'a', name: 'Sku a' } } } },
          { data: { stockChanged: { available: 5, sku: { id: 'b', name: 'Sku b' } } } },
        ]),
      )
    expect(graph.counts).toEqual({ subscriptions: 1, opened: 1, names: 2 })
  })

  it('each may be followed under ids of the clients’ own, also twice on a socket', async () => {
    const graph = await start()
    const socket = await connectSocket(graph.router)
    const ids = ['1', 'an id with "quotes"', '日本']
    for (const id of ids) socket.subscribe(id, watch('available'), { ids: ['a'] })
    await eventually(() =>
      expect(ids.map((id) => socket.of(id))).toEqual(
        ids.map((id) => [{ id, type: 'next', payload: { data: { stockChanged: { available: 1 } } } }]),
      ),
    )
    expect(graph.counts.opened).toBe(1)
  })

  it('answers longer than 64 KB arrive whole', async () => {
    const graph = await start()
    const { seen } = await follow(graph, watch('padding'))
    for (const length of [100, 125, 126, 65_000, 65_536, 200_000]) {
      const padding = 'ü'.repeat(length)
      graph.publish({ skuId: 'a', available: 1, version: length, padding })
      await eventually(() => expect(seen().at(-1)).toEqual({ data: { stockChanged: { padding } } }))
    }
  })

  it('the subgraph does not learn who asks, as it does for what is a client’s own', async () => {
    const graph = await start()
    const token = await graph.token('1')
    const shared = await follow(graph, watch('asker from'), { token })
    expect(shared.seen()).toEqual([{ data: { stockChanged: { asker: null, from: '' } } }])
    const own = await follow(graph, 'subscription { padded(skuIds: ["a"]) { asker from } }', { token })
    expect(own.seen()).toEqual([{ data: { padded: { asker: '1', from: '127.0.0.1' } } }])
  })

  it('other variables, selections and aliases are other subscriptions', async () => {
    const graph = await start()
    await follow(graph, watch('available'))
    await follow(graph, watch('available version'))
    await follow(graph, watch('free: available'))
    const socket = await connectSocket(graph.router)
    socket.subscribe('1', watch('available'), { ids: ['a'] })
    await eventually(() => expect(socket.of('1')).toHaveLength(1))
    expect(graph.counts.opened).toBe(4)
  })

  it('shoppers who select what needs a sign-in have one each', async () => {
    const graph = await start()
    const query = watch('available sku { mine }')
    const [one, two] = [
      await follow(graph, query, { token: await graph.token('1') }),
      await follow(graph, query, { token: await graph.token('2') }),
    ]
    const again = await follow(graph, query, { token: await graph.token('2') })
    const mine = ({ seen }: typeof one) => seen()[0]?.data.stockChanged.sku.mine
    expect([one, two, again].map(mine)).toEqual([1, 2, 2])
    expect(graph.counts.opened).toBe(2)
  })

  it('shoppers who select what a policy guards have one each', async () => {
    const graph = await start()
    const query = watch('sku { note }')
    const notes: unknown[] = []
    for (const id of ['1', '2'])
      notes.push(...(await follow(graph, query, { token: await graph.token(id) })).seen())
    expect(notes).toMatchObject(
      ['1', '2'].map((id) => ({ data: { stockChanged: { sku: { note: `for ${id}` } } } })),
    )
    expect(graph.counts.opened).toBe(2)
  })

  it('who has the scopes that a selected field needs share theirs, without their names', async () => {
    const graph = await start()
    const query = watch('asker sku { cost }')
    const scope = 'stock:cost'
    const [one, two, without, stranger] = [
      await follow(graph, query, { token: await graph.token('1', { scope }) }),
      await follow(graph, query, { token: await graph.token('2', { scope }) }),
      await follow(graph, query, { token: await graph.token('3') }),
      await follow(graph, query),
    ]
    for (const { seen } of [one, two])
      expect(seen()).toEqual([{ data: { stockChanged: { asker: ' stock:cost', sku: { cost: 7 } } } }])
    expect(without.seen()).toMatchObject([
      { data: { stockChanged: { sku: { cost: null } } }, errors: [{ extensions: { code: 'FORBIDDEN' } }] },
    ])
    expect(stranger.seen()).toMatchObject([
      {
        data: { stockChanged: { sku: { cost: null } } },
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      },
    ])
    expect(graph.counts.opened).toBe(3)
  })

  it('a client whose alias could be taken for ours has its own', async () => {
    const graph = await start()
    for (const _ of [1, 2]) {
      const { seen } = await follow(graph, watch('__shared_key: available'))
      expect(seen()).toEqual([{ data: { stockChanged: { __shared_key: 1 } } }])
    }
    expect(graph.counts.opened).toBe(2)
  })

  it('whoever joins late begins with the newest state of each key, whatever was selected', async () => {
    const graph = await start()
    const first = await follow(graph, watch('available'))
    graph.publish({ skuId: 'b', available: 5, version: 1 })
    graph.publish({ skuId: 'a', available: 2, version: 2 })
    await eventually(() => expect(first.seen()).toHaveLength(3))
    const late = await follow(graph, watch('available'))
    expect(late.seen()).toEqual([
      { data: { stockChanged: { available: 2 } } },
      { data: { stockChanged: { available: 5 } } },
    ])
    expect(graph.counts.opened).toBe(1)
  })

  it('an older version never comes after a newer one', async () => {
    const graph = await start()
    const { seen } = await follow(graph, watch('version'))
    graph.publish({ skuId: 'a', available: 9, version: 9 })
    graph.publish({ skuId: 'a', available: 8, version: 8 })
    graph.publish({ skuId: 'a', available: 10, version: 10 })
    await eventually(() => expect(seen().at(-1)).toEqual({ data: { stockChanged: { version: 10 } } }))
    expect(seen().map(({ data }) => data.stockChanged.version)).toEqual([1, 9, 10])
  })

  it('the subgraph is let go soon after the last client has left, and not before', async () => {
    const graph = await start()
    const [one, two] = [await follow(graph, watch('available')), await follow(graph, watch('available'))]
    one.socket.terminate()
    await pause(1_500)
    expect(graph.counts.subscriptions).toBe(1)
    graph.publish({ skuId: 'a', available: 2, version: 2 })
    await eventually(() => expect(two.seen().at(-1)).toEqual({ data: { stockChanged: { available: 2 } } }))
    two.send({ type: 'complete', id: '1' })
    await pause(300)
    const back = await follow(graph, watch('available'))
    expect(graph.counts.opened).toBe(1)
    await pause(1_200)
    expect(graph.counts.subscriptions).toBe(1)
    back.socket.terminate()
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
  })

  it('it is opened again when the subgraph was lost, with the state that it has then', async () => {
    const graph = await start()
    const [one, two] = [await follow(graph, watch('available')), await follow(graph, watch('available'))]
    await graph.restartStock(() => graph.publish({ skuId: 'a', available: 7, version: 7 }))
    for (const { seen } of [one, two])
      await eventually(() => expect(seen().at(-1)).toEqual({ data: { stockChanged: { available: 7 } } }))
    expect(graph.counts.opened).toBe(2)
  })

  it('several routers have one each for their watchers', async () => {
    const graph = await start({ routers: 2 })
    const watchers = [graph.router, ...graph.others].flatMap((router) => [{ router }, { router }])
    const following = await Promise.all(watchers.map((options) => follow(graph, watch('available'), options)))
    graph.publish({ skuId: 'a', available: 2, version: 2 })
    for (const { seen } of following)
      await eventually(() => expect(seen().map(({ data }) => data.stockChanged.available)).toEqual([1, 2]))
    expect(graph.counts.opened).toBe(2)
    await graph.others[0]?.close()
    graph.publish({ skuId: 'a', available: 3, version: 3 })
    await eventually(() => expect(following[0]?.seen()).toHaveLength(3))
  })
})

describe('of a root field that is not named as shared', () => {
  it('two shoppers on one order have one each, and so have two sockets of one shopper', async () => {
    const graph = await start()
    const owners: unknown[] = []
    for (const id of ['1', '2', '2']) {
      const token = await graph.token(id)
      const { seen } = await follow(graph, 'subscription { orderChanged(id: "o1") { owner } }', { token })
      owners.push(seen()[0]?.data.orderChanged.owner)
    }
    expect(owners).toEqual(['1', '2', '2'])
    expect(graph.counts.opened).toBe(3)
  })

  it('two strangers have one each, and the subgraph is let go at once', async () => {
    const graph = await start()
    const query = 'subscription ($ids: [ID!]!) { padded(skuIds: $ids) { available } }'
    const [one, two] = [await follow(graph, query), await follow(graph, query)]
    expect(graph.counts.subscriptions).toBe(2)
    for (const { socket } of [one, two]) socket.terminate()
    const left = Date.now()
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
    expect(Date.now() - left).toBeLessThan(900)
  })
})

describe('a configuration is refused that', () => {
  const shared = (name: string, key: string, version?: string) => ({
    subscriptions: { shared: { [name]: { key, ...(version ? { version } : {}) } } },
  })
  it.each([
    ['names a field that is not there', shared('nothing', 'id'), '"nothing", which there is not'],
    ['has a key that leads nowhere', shared('stockChanged', 'sku.code'), 'cannot be followed at "code"'],
    ['has a key that is an object', shared('stockChanged', 'sku'), 'not a single value'],
    ['has a version that leads nowhere', shared('stockChanged', 'sku.id', 'v'), 'cannot be followed at "v"'],
    ['has a key that not everyone may see', shared('stockChanged', 'sku.mine'), 'not everyone may see'],
  ])('%s', async (_what, options, problem) => {
    await expect(startStockGraph(options)).rejects.toThrow(problem)
  })
})
