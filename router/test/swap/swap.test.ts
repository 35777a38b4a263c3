import { afterEach, describe, expect, it, vi } from 'vitest'
import { composeSupergraph, goodsSdl, startSickGraph, startStock, stockSdl } from '../faults/sick-graph.ts'
import { send } from '../faults/sick-server.ts'
import { startLiveGraph } from './live-graph.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(...options: Parameters<typeof startSickGraph>) {
  const graph = await startSickGraph(...options)
  closing.push(() => graph.close())
  const { goods, first } = graph
  const compose = ({ stock = stockSdl, url = first.url }: { stock?: string; url?: string }) =>
    composeSupergraph([
      { name: 'goods', url: goods.url, sdl: goodsSdl },
      { name: 'stock', url, sdl: stock },
    ])
  return { ...graph, compose }
}

const withoutCount = stockSdl.replace('count: Int', '')
const withAmount = stockSdl.replace('total: Int', 'total: Int amount: Int')

describe('a supergraph is swapped', () => {
  it('without losing a request of many', async () => {
    const { ask, router, compose } = await start()
    let isStopped = false
    const failures: string[] = []
    const clients = Array.from({ length: 8 }, async () => {
      while (!isStopped) failures.push(...(await ask('{ items { name count } hello }')).errors)
    })
    for (let index = 0; index < 3; index++)
      await router.swap(compose({ stock: index % 2 === 0 ? withAmount : stockSdl }))
    isStopped = true
    await Promise.all(clients)
    expect(failures).toEqual([])
    expect((await ask('{ amount total }')).data).toEqual({ amount: null, total: 7 })
  }, 20_000)

  it('while requests under way end on the one that they began on', async () => {
    const { ask, router, compose, goods } = await start({ file: { timeouts: { default: 5_000 } } })
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    goods.behave(async (response, wellAnswer) => {
      await released
      send(response, await wellAnswer())
    })
    const underWay = ask('{ items { count } }')
    await vi.waitFor(() => expect(goods.open).toBe(1))
    await router.swap(compose({ stock: withoutCount }))
    release()
    expect((await underWay).data).toEqual({ items: [{ count: 10 }, { count: 20 }] })
    expect((await ask('{ items { count } }')).errors).toEqual([': GRAPHQL_VALIDATION_FAILED'])
  })

  it('with another URL, which is asked from then on', async () => {
    const { ask, router, compose, first } = await start()
    const moved = await startStock()
    closing.push(() => moved.kill())
    await ask('{ total }')
    await router.swap(compose({ url: moved.url }))
    expect((await ask('{ total }')).data).toEqual({ total: 7 })
    expect([first.asked.length, moved.asked.length]).toEqual([1, 1])
  })

  it('and what is no longer asked is no longer probed', async () => {
    const { router, compose, first } = await start({
      instances: 2,
      file: { subgraphs: { probe: { interval: 50 } } },
    })
    for (const url of ['http://a.test/', 'http://b.test/', 'http://c.test/'])
      await router.swap(compose({ url }))
    const before = first.probes
    await new Promise((resolve) => setTimeout(resolve, 500))
    // By the subgraph of the moment alone, ten times; those of before would ask as often each.
    expect(first.probes - before).toBeGreaterThan(3)
    expect(first.probes - before).toBeLessThan(15)
  })

  it('only for one that can be served and has what the configuration names', async () => {
    const { ask, router, compose } = await start({
      file: { forward: [{ prefix: '/shelves', subgraph: 'stock' }] },
    })
    await expect(router.swap('type Query { nonsense }')).rejects.toThrow()
    const without = compose({}).replaceAll('"stock"', '"stores"')
    await expect(router.swap(without)).rejects.toThrow('names the subgraph "stock"; there are: goods, stores')
    expect((await ask('{ total }')).data).toEqual({ total: 7 })
  })
})

describe('plans', () => {
  it('of what was asked most are made before the new supergraph is served', async () => {
    const { compose, options } = await start()
    const graph = await startLiveGraph(options)
    closing.push(() => graph.close())
    const scope = { viewer: null, address: '', signal: new AbortController().signal, deadline: Infinity }
    const run = async (query: string) => {
      const prepared = graph.pipeline.prepare(query, null)
      if (!('document' in prepared)) throw new Error(String(prepared))
      const admitted = await graph.pipeline.admit(prepared, {}, null, null)
      if (!('prepared' in admitted)) throw new Error('refused')
      await graph.pipeline.execute(admitted, scope)
      return prepared.key
    }
    const rare = await run('{ total }')
    await run('{ items { count } }')
    await run('{ hello }')
    const often = await run('{ hello }')

    await graph.swap(compose({ stock: withoutCount }))
    expect(new Set(graph.engine.mostUsed().map(({ key }) => key))).toEqual(new Set([often, rare]))
    await run('{ hello }')
    expect(graph.engine.mostUsed()[0]?.key).toBe(often)
  })
})
