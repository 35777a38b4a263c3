import { createClient, type Client } from 'graphql-ws'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Viewer } from '@mall/access'
import type { RightsReader } from '@mall/service/rights'
import { startTestGraph } from './testing/start-test-graph.ts'

type Graph = Awaited<ReturnType<typeof startTestGraph>>

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function start(options: Parameters<typeof startTestGraph>[0] = {}): Promise<Graph> {
  const graph = await startTestGraph(options)
  closers.push(() => graph.close())
  return graph
}

function connect(graph: Graph, token?: string) {
  const closed: number[] = []
  const client = createClient({
    url: `${graph.router.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token ? { connectionParams: { authorization: `Bearer ${token}` } } : {}),
    on: { closed: (event) => void (isClose(event) && closed.push(event.code)) },
  })
  closers.push(() => client.dispose())
  return { closed, subscribe: (query: string) => follow(client, query), client }
}

const isClose = (event: unknown): event is { code: number } =>
  typeof event === 'object' && event !== null && 'code' in event && typeof event.code === 'number'

/** Collects what a subscription gives. */
function follow(client: Client, query: string) {
  const seen: { events: unknown[]; errors: unknown[]; isDone: boolean } = {
    events: [],
    errors: [],
    isDone: false,
  }
  const stop = client.subscribe(
    { query },
    {
      next: (event) => void seen.events.push(event),
      error: (error) => void seen.errors.push(error),
      complete: () => void (seen.isDone = true),
    },
  )
  return Object.assign(seen, { stop })
}

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 4_000, interval: 10 })

// Tokens have whole seconds, and a lost subgraph is retried after a pause.
vi.setConfig({ testTimeout: 15_000 })

describe('a subscription', () => {
  it('gives each event with fields of another subgraph, and ends upstream when the client leaves', async () => {
    const graph = await start()
    const stream = connect(graph).subscribe('subscription { renamed { name score } }')
    await eventually(() => expect(stream.events).toHaveLength(1))
    graph.publish({ id: '2', name: 'Bert' })
    await eventually(() =>
      expect(stream.events).toEqual([
        { data: { renamed: { name: 'Ann', score: 10 } } },
        { data: { renamed: { name: 'Bert', score: 20 } } },
      ]),
    )
    expect(graph.counts.subscriptions).toBe(1)
    stream.stop()
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
  })

  it('goes on without the fields of a subgraph that is down', async () => {
    const graph = await start()
    await graph.running.scores.close()
    const stream = connect(graph).subscribe('subscription { renamed { name score } }')
    await eventually(() => expect(stream.events).toHaveLength(1))
    expect(stream.events[0]).toMatchObject({
      data: { renamed: { name: 'Ann', score: null } },
      errors: [{ path: ['renamed', 'score'], extensions: { code: 'UNAVAILABLE' } }],
    })
  })

  it('is opened again when its subgraph was lost and came back', async () => {
    const graph = await start()
    const stream = connect(graph).subscribe('subscription { renamed { name } }')
    await eventually(() => expect(stream.events).toHaveLength(1))
    const port = Number(new URL(graph.running.people.url).port)
    await graph.running.people.close()
    graph.running.people = await graph.startPeople(port)
    await eventually(() => expect(stream.events).toHaveLength(2))
    expect(stream.errors).toEqual([])
  })

  it('loses a denied field of an event, but is refused for a denied root field', async () => {
    const graph = await start()
    const { subscribe } = connect(graph)
    const refused = subscribe('subscription { ticks { id } }')
    const pruned = subscribe('subscription { renamed { id email } }')
    await eventually(() => expect(refused.errors).toHaveLength(1))
    expect(refused.errors[0]).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
    await eventually(() => expect(pruned.events).toHaveLength(1))
    expect(pruned.events[0]).toMatchObject({
      data: { renamed: { id: '1', email: null } },
      errors: [{ path: ['renamed', 'email'], extensions: { code: 'UNAUTHENTICATED' } }],
    })
  })
})

describe('a socket', () => {
  it('survives a syntax error in one subscribe', async () => {
    const graph = await start()
    const { subscribe, closed } = connect(graph)
    const good = subscribe('subscription { renamed { name } }')
    const bad = subscribe('subscription { renamed {')
    const unknown = subscribe('subscription { nothing }')
    await eventually(() => expect([bad.errors, unknown.errors].flat()).toHaveLength(2))
    expect(bad.errors[0]).toMatchObject([{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }])
    expect(unknown.errors[0]).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }])
    await eventually(() => expect(good.events).toHaveLength(1))
    graph.publish({ id: '2', name: 'Bert' })
    await eventually(() => expect(good.events).toHaveLength(2))
    expect(closed).toEqual([])
  })

  it('answers queries, too', async () => {
    const graph = await start()
    const answer = connect(graph).subscribe('{ best { score } }')
    await eventually(() =>
      expect(answer).toMatchObject({ events: [{ data: { best: { score: 10 } } }], isDone: true }),
    )
  })

  it('is closed with 4403 for a bad token, and when a good one expires', async () => {
    const graph = await start()
    const bad = connect(graph, 'nonsense')
    bad.subscribe('subscription { renamed { name } }')
    await eventually(() => expect(bad.closed).toEqual([4403]))
    const short = connect(graph, await graph.token('1', { seconds: 2 }))
    const stream = short.subscribe('subscription { renamed { name } }')
    await eventually(() => expect(stream.events).toHaveLength(1))
    await eventually(() => expect(short.closed).toEqual([4403]))
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
  })

  it('runs a hundred operations and refuses the next', async () => {
    const graph = await start()
    const { subscribe } = connect(graph)
    const streams = Array.from({ length: 101 }, () => subscribe('subscription { renamed { name } }'))
    await eventually(() => expect(streams.filter(({ events }) => events.length > 0)).toHaveLength(100))
    expect(streams.flatMap(({ errors }) => errors)).toMatchObject([
      [{ extensions: { code: 'RATE_LIMITED' } }],
    ])
  })

  it('is closed with 1009 for a message above 1 MB', async () => {
    const graph = await start()
    const { subscribe, closed } = connect(graph)
    subscribe(`{ best { score } } #${'x'.repeat(1_100_000)}`)
    await eventually(() => expect(closed).toEqual([1009]))
  })
})

describe('a change of rights', () => {
  it('ends only what needed the lost scope, with FORBIDDEN', async () => {
    const rights = fakeRights({ scopes: ['people:read'] })
    const graph = await start({ rights })
    const { subscribe, closed } = connect(graph, await graph.token('1'))
    const needing = subscribe('subscription { ticks { id } }')
    const other = subscribe('subscription { renamed { id } }')
    await eventually(() => expect([needing.events.length, other.events.length]).toEqual([1, 1]))
    rights.change({ scopes: [] })
    await eventually(() => expect(needing.errors).toMatchObject([[{ extensions: { code: 'FORBIDDEN' } }]]))
    await eventually(() => expect(other.events).toHaveLength(2))
    expect([other.errors, closed]).toEqual([[], []])
  })

  it('closes the sockets of a revoked session with 4403, and refuses its token', async () => {
    const rights = fakeRights({ scopes: [] })
    const graph = await start({ rights })
    const token = await graph.token('1')
    const { subscribe, closed } = connect(graph, token)
    const stream = subscribe('subscription { renamed { id } }')
    await eventually(() => expect(stream.events).toHaveLength(1))
    rights.change(null)
    await eventually(() => expect(closed).toEqual([4403]))
    expect((await graph.ask('{ caller }', { token })).status).toBe(401)
  })
})

/** Rights that a test changes at will; the real reader is tested with Redis in @mall/service. */
function fakeRights(initial: { scopes: string[] } | null) {
  let present = initial
  const listeners = new Set<() => void>()
  const reader: RightsReader = {
    ready: Promise.resolve(),
    isReady: () => true,
    viewerOf: ({ sub, sid, roles }): Viewer | null =>
      present && { id: sub, roles, scopes: present.scopes, sessionId: sid },
    onChange(listener) {
      const call = () => listener({ version: 1, roles: {}, users: {}, revokedSessions: {} })
      listeners.add(call)
      return () => listeners.delete(call)
    },
    close: () => Promise.resolve(),
  }
  return Object.assign(reader, {
    change(next: typeof initial) {
      present = next
      for (const listener of listeners) listener()
    },
  })
}
