import { request, type IncomingMessage } from 'node:http'
import { createClient } from 'graphql-sse'
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
const watch = 'subscription ($ids: [ID!]!) { stockChanged(skuIds: $ids) { available sku { name } } }'
const variables = { ids: ['a'] }

/** Follows with graphql-sse's own client. */
function follow({ router }: Graph, query: string, token?: string) {
  const client = createClient({
    url: `${router.url}/graphql`,
    retryAttempts: 0,
    ...(token ? { headers: { authorization: `Bearer ${token}` } } : {}),
  })
  closers.push(() => client.dispose())
  const seen: { events: unknown[]; error: unknown; isDone: boolean } = {
    events: [],
    error: undefined,
    isDone: false,
  }
  const stop = client.subscribe(
    { query, variables },
    {
      next: (event) => void seen.events.push(event),
      error: (error) => void (seen.error = error),
      complete: () => void (seen.isDone = true),
    },
  )
  return Object.assign(seen, { stop })
}

const post = ({ router }: Graph, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${router.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
    body: JSON.stringify(body),
  })

vi.setConfig({ testTimeout: 15_000 })

describe('an event stream', () => {
  it('gives the present and each event, shared with the watchers on sockets, until its client leaves', async () => {
    const graph = await start()
    const socket = await connectSocket(graph.router)
    socket.subscribe('1', watch, variables)
    await eventually(() => expect(socket.of('1')).toHaveLength(1))
    const stream = follow(graph, watch)
    await eventually(() => expect(stream.events).toHaveLength(1))
    graph.publish({ skuId: 'a', available: 2, version: 2 })
    await eventually(() =>
      expect(stream.events).toEqual([
        { data: { stockChanged: { available: 1, sku: { name: 'Sku a' } } } },
        { data: { stockChanged: { available: 2, sku: { name: 'Sku a' } } } },
      ]),
    )
    expect(graph.counts).toEqual({ subscriptions: 1, opened: 1, names: 2 })
    socket.socket.terminate()
    stream.stop()
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
  })

  it('answers a query with one event, and then says that this was all', async () => {
    const graph = await start()
    const response = await post(graph, { query: '{ nothing }' }, { origin: 'http://here.test' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(response.headers.get('access-control-allow-origin')).toBe('http://here.test')
    expect(await response.text()).toBe(
      ':\n\nevent: next\ndata: {"data":{"nothing":null}}\n\nevent: complete\ndata:\n\n',
    )
  })

  it('is served for GET, but not a mutation, nor what a foreign page could send', async () => {
    const graph = await start()
    const get = (query: string, headers = {}) =>
      fetch(`${graph.router.url}/graphql?${new URLSearchParams({ query }).toString()}`, {
        headers: { accept: 'text/event-stream', ...headers },
      })
    const preflight = { 'apollo-require-preflight': '1' }
    expect(await (await get('{ nothing }', preflight)).text()).toContain('"nothing":null')
    expect((await get('{ nothing }')).status).toBe(400)
    const refused = await get('mutation { touch }', preflight)
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await (await post(graph, { query: 'mutation { touch }' })).text()).toContain('"touch":1')
  })

  it('tells in an event what is wrong with the operation, and by its status what is wrong with the request', async () => {
    const graph = await start()
    const codeOf = async (query: string) =>
      /"code":"(\w+)"/.exec(await (await post(graph, { query })).text())?.[1]
    expect(await codeOf('{ nothing')).toBe('GRAPHQL_PARSE_FAILED')
    expect(await codeOf('{ unknown }')).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(await codeOf('subscription { orderChanged(id: "o1") { id } }')).toBe('UNAUTHENTICATED')
    expect((await post(graph, {})).status).toBe(400)
    const forged = await post(graph, { query: '{ nothing }' }, { authorization: 'Bearer a.b.c' })
    expect([forged.status, await forged.json()]).toMatchObject([
      401,
      { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    ])
  })

  it('is not given to clients that take plain answers as well', async () => {
    const graph = await start()
    const accept = 'application/graphql-response+json, application/json, text/event-stream'
    const response = await post(graph, { query: '{ nothing }' }, { accept })
    expect(response.headers.get('content-type')).toContain('application/graphql-response+json')
  })

  it('keeps each shopper’s own to that shopper', async () => {
    const graph = await start()
    const query = 'subscription { orderChanged(id: "o1") { owner } }'
    const streams = await Promise.all(
      ['1', '2'].map(async (id) => follow(graph, query, await graph.token(id))),
    )
    for (const [index, { events }] of streams.entries())
      await eventually(() => expect(events).toEqual([{ data: { orderChanged: { owner: `${index + 1}` } } }]))
  })

  it('ends within a second of its token’s end', async () => {
    const graph = await start()
    const stream = follow(graph, watch, await graph.token('1', { seconds: 2 }))
    const expiresAt = (Math.floor(Date.now() / 1_000) + 2) * 1_000
    await eventually(() => expect(stream.isDone).toBe(true))
    expect(Date.now() - expiresAt).toBeLessThan(1_000)
    expect(stream.events.at(-1)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
  })

  it('gives a slow client the newest of each key, and breaks off where events must not be left out', async () => {
    const graph = await start()
    const ask = (field: string) =>
      new Promise<IncomingMessage>((resolve) => {
        const query = `subscription { ${field}(skuIds: ["a"]) { version padding } }`
        const headers = { 'content-type': 'application/json', accept: 'text/event-stream' }
        request(`${graph.router.url}/graphql`, { method: 'POST', headers }, resolve).end(
          JSON.stringify({ query }),
        )
      })
    const [shared, own] = await Promise.all([ask('stockChanged'), ask('padded')])
    for (const response of [shared, own]) response.on('error', () => undefined).pause()
    await eventually(() => expect(graph.counts.subscriptions).toBe(2))
    const padding = 'x'.repeat(10_000)
    for (let version = 2; version < 3_000; version += 1) {
      graph.publish({ skuId: 'a', available: 1, version, padding })
      // So slowly that the router itself can follow.
      if (version % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    }
    await eventually(() => expect(graph.counts.subscriptions).toBe(1))

    const versions: number[] = []
    shared.setEncoding('utf8').on('data', (text: string) => {
      for (const [, version] of text.matchAll(/"version":(\d+)/g)) versions.push(Number(version))
    })
    shared.resume()
    await eventually(() => expect(versions.at(-1)).toBe(2_999))
    expect(versions.length).toBeLessThan(2_000)
    expect(versions).toEqual(versions.toSorted((a, b) => a - b))
    const broken = new Promise((resolve) => own.on('close', () => resolve(own.complete)))
    own.resume()
    expect(await broken).toBe(false)
    shared.destroy()
  })

  it('shows signs of life, and ends when the router goes', async () => {
    const graph = await startStockGraph({ subscriptions: { heartbeat: 50 } })
    const response = await post(graph, { query: watch, variables })
    const text = response.text()
    await new Promise((resolve) => setTimeout(resolve, 300))
    const before = Date.now()
    await graph.close()
    expect(Date.now() - before).toBeLessThan(3_000)
    expect((await text).split(':\n\n').length).toBeGreaterThan(3)
  })
})
