import { afterEach, describe, expect, it, vi } from 'vitest'
import { startRouter } from '../../src/start.ts'
import type { TracingConfig } from '../../src/tracing/config.ts'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'
import { startSickGraph } from '../faults/sick-graph.ts'
import { send, type SickServer } from '../faults/sick-server.ts'
import { startCollector } from './collector.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0).toReversed()) await close()
})

type Options = Parameters<typeof startSickGraph>[0]

async function startGraph(options: Options) {
  const graph = await startSickGraph(options)
  closers.push(() => graph.close())
  /** Asks with these headers. */
  async function ask(body: object, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal) {
    const response = await fetch(`${graph.router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
      ...(signal ? { signal } : {}),
    })
    return (await response.json()) as { data?: unknown; errors?: unknown }
  }
  return { ...graph, ask }
}

async function start({
  tracing,
  ...options
}: Omit<NonNullable<Options>, 'tracing'> & { tracing?: object } = {}) {
  const collector = await startCollector()
  closers.push(() => collector.close())
  const config: TracingConfig = { url: collector.url, serviceName: 'router', delayMs: 20, timeoutMs: 200 }
  return { ...(await startGraph({ ...options, tracing: { ...config, ...tracing } })), collector }
}

/** A socket to a router over the graph that has subscriptions. */
async function startSocket() {
  const collector = await startCollector()
  closers.push(() => collector.close())
  const graph = await startTestGraph({
    tracing: { url: collector.url, serviceName: 'router', delayMs: 20 },
  })
  closers.push(() => graph.close())
  const socket = await connectSocket(graph.router)
  closers.push(() => socket.socket.terminate())
  return { collector, graph, socket }
}

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'
const traceparent = `00-${traceId}-${parentId}-01`
const joined = 'query Items { items { id count } }'
const headersAt = (server: SickServer) => server.asked.map(({ headers }) => headers.traceparent)

describe('an operation', () => {
  it('has a span, each of its fetches one below it, and each subgraph is told of its own', async () => {
    const { ask, collector, goods, first } = await start()
    await ask({ query: joined })
    const operation = await collector.next('query Items')
    expect(operation).toMatchObject({ kind: 'server', parentSpanId: undefined, isError: false })
    expect(operation.attributes).toEqual({
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'Items',
    })
    const fetches = ['goods', 'stock'].map((name) =>
      collector.spans.find((one) => one.name === `POST ${name}`),
    )
    for (const [index, { port }] of [goods, first].entries()) {
      const { traceId, spanId: parentSpanId } = operation
      expect(fetches[index]).toMatchObject({ kind: 'client', traceId, parentSpanId, isError: false })
      expect(fetches[index]?.attributes).toEqual({
        'service.peer.name': ['goods', 'stock'][index],
        'http.request.method': 'POST',
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
        'server.port': port,
      })
      expect(fetches[index]?.milliseconds).toBeGreaterThan(0)
      expect(fetches[index]?.milliseconds).toBeLessThan(operation.milliseconds)
    }
    expect(headersAt(goods)).toEqual([`00-${operation.traceId}-${fetches[0]?.spanId}-01`])
    expect(headersAt(first)).toEqual([`00-${operation.traceId}-${fetches[1]?.spanId}-01`])
    expect([...collector.services]).toEqual(['router'])
  })

  it('without a name is called by its type, and one with a long name by its beginning', async () => {
    const { ask, collector } = await start()
    await ask({ query: '{ hello }' })
    expect((await collector.next('query')).attributes).toEqual({ 'graphql.operation.type': 'query' })
    await ask({ query: `mutation M${'x'.repeat(500)} { restock }` })
    await collector.next(`mutation M${'x'.repeat(99)}`)
  })

  it('goes on with the trace of its client', async () => {
    const { ask, collector, goods } = await start()
    await ask({ query: 'query Hello { hello }' }, { traceparent })
    expect(await collector.next('query Hello')).toMatchObject({ traceId, parentSpanId: parentId })
    expect(headersAt(goods)[0]).toMatch(new RegExp(`^00-${traceId}-(?!${parentId})[0-9a-f]{16}-01$`))
  })

  it.each([
    ['nonsense', 'nonsense'],
    ['no trace', `00-${'0'.repeat(32)}-${parentId}-01`],
    ['no parent', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['a version that there is not', `ff-${traceId}-${parentId}-01`],
    ['capitals', traceparent.toUpperCase()],
    ['more than there is in this version', `${traceparent}-more`],
    ['two', `${traceparent}, ${traceparent}`],
  ])('begins a trace where a client sends %s', async (_what, sent) => {
    const { ask, collector } = await start()
    await ask({ query: 'query Hello { hello }' }, { traceparent: sent })
    const { traceId: made, parentSpanId } = await collector.next('query Hello')
    expect(made).toMatch(/^[0-9a-f]{32}$/)
    expect([made === traceId, parentSpanId]).toEqual([false, undefined])
  })

  it('by socket has a span of its own, or goes on with the trace in its extensions', async () => {
    const { router, collector, goods } = await start()
    const socket = await connectSocket(router)
    closers.push(() => socket.socket.terminate())
    socket.subscribe('1', 'query Alone { hello }')
    expect((await collector.next('query Alone')).parentSpanId).toBeUndefined()
    const payload = { query: 'query Joined { hello }', extensions: { traceparent } }
    socket.send({ type: 'subscribe', id: '2', payload })
    expect(await collector.next('query Joined')).toMatchObject({ traceId, parentSpanId: parentId })
    expect(headersAt(goods)[1]).toContain(traceId)
  })

  it('as an event stream goes on with the trace of its client', async () => {
    const { ask, router, collector } = await start()
    const query = 'query Hello { hello }'
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream', traceparent }
    const response = await fetch(`${router.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    })
    expect(await response.text()).toContain('complete')
    expect(await collector.next('query Hello')).toMatchObject({ traceId, parentSpanId: parentId })
    await ask({ query })
    expect((await collector.next('query Hello')).parentSpanId).toBeUndefined()
  })

  it('that subscribes has a span until it is admitted or refused', async () => {
    const { collector, socket } = await startSocket()
    socket.subscribe('1', 'subscription Renamed { renamed { id score } }')
    expect(await collector.next('subscription Renamed')).toMatchObject({ kind: 'server', isError: false })
    await vi.waitFor(() => expect(socket.of('1')).toHaveLength(1))
    socket.subscribe('2', 'subscription Ticks { ticks { id } }')
    expect(await collector.next('subscription Ticks')).toMatchObject({
      isError: true,
      attributes: { 'error.type': 'UNAUTHENTICATED', 'graphql.operation.type': 'subscription' },
    })
  })

  it('that subscribes has a trace for each event that needs fetches, and none for others', async () => {
    const { collector, graph, socket } = await startSocket()
    socket.subscribe('1', 'subscription Near { renamed { id } }')
    socket.subscribe('2', 'subscription Far { renamed { id score } }')
    await vi.waitFor(() => expect([...socket.of('1'), ...socket.of('2')]).toHaveLength(2))
    await graph.running.scores.close()
    graph.publish({ id: '1', name: 'Ann' })
    await vi.waitFor(() => expect([...socket.of('1'), ...socket.of('2')]).toHaveLength(4))
    const named = (name: string) => collector.spans.filter((span) => span.name === name)
    await vi.waitFor(() => expect(named('subscription Far')).toHaveLength(3))
    const [, well, failed] = named('subscription Far')
    expect(well).toMatchObject({ isError: false, parentSpanId: undefined })
    expect(failed).toMatchObject({ isError: true, attributes: { 'error.type': 'UNAVAILABLE' } })
    expect(new Set(named('subscription Far').map((span) => span.traceId)).size).toBe(3)
    expect(named('POST scores').map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual(
      [well, failed].map((span) => [span?.traceId, span?.spanId]),
    )
    expect(named('subscription Near')).toHaveLength(1)
  })

  it('tells nothing of variables, tokens, texts and answers', async () => {
    const { ask, collector, first } = await start()
    first.behave((response) => send(response, '{"errors":[{"message":"secret of the subgraph"}]}'))
    const query = 'query Secret($secret: Boolean!) { items @skip(if: $secret) { id count } hello }'
    await ask({ query, variables: { secret: false } }, { authorization: 'Bearer secret', cookie: 'secret' })
    expect((await collector.next('query Secret')).isError).toBe(true)
    expect(collector.texts.join().replaceAll('query Secret', '').replaceAll('"Secret"', '')).not.toMatch(
      /secret/i,
    )
  })
})

describe('what goes wrong', () => {
  it('is a code at the fetch and at the operation, and in the log with the trace', async () => {
    const { ask, collector, first, logged } = await start()
    first.behave((response) =>
      send(response, '{"errors":[{"message":"hidden","extensions":{"code":"BROKEN"}}],"data":null}'),
    )
    const told = await ask({ query: 'query Total { total }' })
    expect(JSON.stringify(told)).toContain('INTERNAL_SERVER_ERROR')
    const operation = await collector.next('query Total')
    expect(operation).toMatchObject({ isError: true, attributes: { 'error.type': 'INTERNAL_SERVER_ERROR' } })
    const fetched = collector.spans.find(({ name }) => name === 'POST stock')
    expect(fetched).toMatchObject({ isError: true, attributes: { 'error.type': 'BROKEN' } })
    const line = logged.find((line) => line.includes('an unexpected error was masked')) ?? '{}'
    expect(JSON.parse(line)).toMatchObject({ trace_id: operation.traceId })
  })

  it('is told of a subgraph that takes too long, and of one that is away', async () => {
    const { ask, collector, first, logged } = await start()
    first.behave(() => undefined)
    await ask({ query: 'query Slow { total }' })
    const slow = await collector.next('query Slow')
    expect(slow).toMatchObject({ isError: true, attributes: { 'error.type': 'TIMEOUT' } })
    const fetched = () => collector.spans.filter(({ name }) => name === 'POST stock').at(-1)
    expect(fetched()).toMatchObject({ isError: true, attributes: { 'error.type': 'TIMEOUT' } })
    expect(fetched()?.milliseconds).toBeGreaterThan(350)
    const warning = logged.find((line) => line.includes('This took too long')) ?? '{}'
    expect(JSON.parse(warning)).toMatchObject({ subgraph: 'stock', trace_id: slow.traceId })
    await first.kill()
    await ask({ query: 'query Away { total }' })
    expect((await collector.next('query Away')).attributes).toMatchObject({ 'error.type': 'UNAVAILABLE' })
    expect(fetched()).toMatchObject({ isError: true, attributes: { 'error.type': 'UNAVAILABLE' } })
  })

  it('counts how often a fetch was sent again', async () => {
    const { ask, collector, first } = await start()
    let left = 1
    first.behave(async (response, wellAnswer) =>
      left-- > 0 ? send(response, '', 503) : send(response, await wellAnswer()),
    )
    await ask({ query: 'query Total { total }' })
    await collector.next('query Total')
    const fetched = collector.spans.find(({ name }) => name === 'POST stock')
    expect(fetched).toMatchObject({ isError: false, attributes: { 'http.request.resend_count': 1 } })
    expect(new Set(headersAt(first))).toEqual(new Set([`00-${fetched?.traceId}-${fetched?.spanId}-01`]))
  })

  it('is no error where the client has left', async () => {
    const { ask, collector, first } = await start()
    first.behave(() => undefined)
    const leaving = new AbortController()
    const asking = ask({ query: 'query Left { total }' }, {}, leaving.signal).catch(() => undefined)
    await vi.waitFor(() => expect(first.open).toBe(1))
    leaving.abort()
    await asking
    const left = { isError: false, attributes: { 'error.type': 'cancelled' } }
    expect(await collector.next('query Left')).toMatchObject(left)
    expect(collector.spans.find(({ name }) => name === 'POST stock')).toMatchObject(left)
  })

  it('is a code where an operation is refused before any fetch', async () => {
    const { ask, collector } = await start()
    await ask({ query: 'query Wrong($if: Boolean!) { hello @skip(if: $if) }', variables: { if: 'x' } })
    const refused = await collector.next('query Wrong')
    expect(refused).toMatchObject({ isError: true, attributes: { 'error.type': 'BAD_USER_INPUT' } })
  })
})

it('queries that share a request have a span each, and the request has the trace of the first', async () => {
  const { ask, collector, goods } = await start()
  goods.behave(async (response, wellAnswer) => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    send(response, await wellAnswer())
  })
  await Promise.all([
    ask({ query: 'query Hello { hello }' }),
    ask({ query: 'query Hello { hello }' }, { traceparent }),
  ])
  await vi.waitFor(() => expect(collector.spans).toHaveLength(4))
  expect(goods.asked).toHaveLength(1)
  const fetches = collector.spans.filter(({ name }) => name === 'POST goods')
  const shared = fetches.filter(({ attributes }) => attributes['router.fetch.shared'] === true)
  const [own] = fetches.filter((one) => !shared.includes(one))
  expect(shared).toHaveLength(1)
  expect(shared[0]?.traceId).not.toBe(own?.traceId)
  expect(headersAt(goods)).toEqual([`00-${own?.traceId}-${own?.spanId}-01`])
})

describe('what is not sampled', () => {
  it('is not sent, and subgraphs are told so', async () => {
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'parentbased_traceidratio')
    vi.stubEnv('OTEL_TRACES_SAMPLER_ARG', '0')
    const { ask, collector, goods } = await start()
    await ask({ query: 'query Unseen { hello }' })
    await ask({ query: 'query Seen { hello }' }, { traceparent })
    await collector.next('query Seen')
    expect(collector.spans.map(({ name }) => name)).not.toContain('query Unseen')
    expect(headersAt(goods)[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
  })

  it('is what the client says, unless told otherwise', async () => {
    const { ask, collector, goods } = await start()
    await ask({ query: 'query Unseen { hello }' }, { traceparent: traceparent.replace(/01$/, '00') })
    await ask({ query: 'query Seen { hello }' })
    await collector.next('query Seen')
    expect(collector.spans.map(({ name }) => name)).not.toContain('query Unseen')
    expect(headersAt(goods)[0]).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`))
  })
})

describe('without tracing', () => {
  it('a trace of the client is handed on as it is, and nothing else', async () => {
    const { ask, goods, first, router, logged } = await startGraph({})
    await ask({ query: joined })
    await ask({ query: joined }, { traceparent: 'nonsense' })
    expect([...headersAt(goods), ...headersAt(first)]).toEqual([undefined, undefined, undefined, undefined])
    first.behave((response) => send(response, '{"errors":[{"message":"hidden"}]}'))
    await ask({ query: joined }, { traceparent })
    expect([headersAt(goods)[2], headersAt(first)[2]]).toEqual([traceparent, traceparent])
    const line = logged.find((line) => line.includes('an unexpected error was masked')) ?? '{}'
    expect(JSON.parse(line)).toMatchObject({ trace_id: traceId })
    const socket = await connectSocket(router)
    closers.push(() => socket.socket.terminate())
    const header = `00-${traceId}-${parentId}-03`
    socket.send({
      type: 'subscribe',
      id: '1',
      payload: { query: '{ hello }', extensions: { traceparent: header } },
    })
    await vi.waitFor(() => expect(headersAt(goods)[3]).toBe(header))
  })
})

describe('a collector', () => {
  it('that is away costs no answer, is told of once, and is sent to when it is back', async () => {
    const { ask, collector, logged } = await start({ tracing: { delayMs: 1 } })
    collector.status = 503
    const warnings = () => logged.filter((line) => line.includes('traces cannot be sent'))
    for (let round = 0; round < 5; round += 1) {
      expect((await ask({ query: 'query Hello { hello }' })).data).toEqual({ hello: 'hello' })
      await vi.waitFor(() => expect(warnings()).toHaveLength(1))
    }
    collector.status = 200
    await vi.waitFor(async () => {
      await ask({ query: 'query Back { hello }' })
      expect(collector.spans.map(({ name }) => name)).toContain('query Back')
    })
    expect(warnings()).toHaveLength(1)
    expect(logged.filter((line) => line.includes('traces are sent again'))).toHaveLength(1)
  })

  it('that hangs lets no more wait for it than there is room for', async () => {
    vi.stubEnv('OTEL_BSP_MAX_QUEUE_SIZE', '20')
    vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '10')
    const { options, collector, goods } = await start()
    collector.status = null
    const tracing = { url: collector.url, serviceName: 'other', delayMs: 1 }
    const router = await startRouter({ ...options, tracing })
    for (let round = 0; round < 40; round += 1)
      await fetch(`${router.url}/graphql?query={hello}`, { headers: { 'apollo-require-preflight': '1' } })
    expect(goods.asked).toHaveLength(40)
    collector.status = 200
    await router.close()
    expect(collector.spans).toHaveLength(20)
  })

  it('gets at the end what it has not', async () => {
    const { options, collector, ...graph } = await start()
    const tracing = { url: collector.url, serviceName: 'other', delayMs: 60_000 }
    const router = await startRouter({ ...options, tracing })
    await fetch(`${router.url}/graphql?query={hello}`, { headers: { 'apollo-require-preflight': '1' } })
    expect(graph.goods.asked).toHaveLength(1)
    expect(collector.spans).toEqual([])
    await router.close()
    expect(collector.spans.map(({ name }) => name).toSorted()).toEqual(['POST goods', 'query'])
    expect([...collector.services]).toEqual(['other'])
  })

  it('that hangs holds the end up for two seconds', async () => {
    const { options, collector } = await start()
    collector.status = null
    const tracing = { url: collector.url, serviceName: 'other', delayMs: 60_000 }
    const router = await startRouter({ ...options, tracing })
    await fetch(`${router.url}/graphql?query={hello}`, { headers: { 'apollo-require-preflight': '1' } })
    const before = performance.now()
    await router.close()
    expect(performance.now() - before).toBeGreaterThan(1_900)
    expect(performance.now() - before).toBeLessThan(3_000)
  })
})
