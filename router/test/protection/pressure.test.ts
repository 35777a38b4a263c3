import { createClient } from 'graphql-ws'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { hashOf } from '../../src/persisted/manifest.ts'
import { limitsSchema } from '../../src/limits/config.ts'
import { persistedSchema } from '../../src/persisted/config.ts'
import { rateLimitsSchema } from '../../src/rate-limits/config.ts'
import { codesOf, startTestGraph } from '../../src/testing/start-test-graph.ts'
import { ask, query } from './ask.ts'

type Graph = Awaited<ReturnType<typeof startTestGraph>>
const started: Graph[] = []
async function start(options: Parameters<typeof startTestGraph>[0]): Promise<Graph> {
  const graph = await startTestGraph(options)
  started.push(graph)
  return graph
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((graph) => graph.close()))
})

/** What an operation ends in over a socket. */
async function overSocket({ router }: Graph, text: string, token?: string): Promise<unknown> {
  const client = createClient({
    url: `${router.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token ? { connectionParams: { authorization: `Bearer ${token}` } } : {}),
  })
  try {
    for await (const result of client.iterate({ query: text })) return result
    return null
  } catch (error) {
    return error
  } finally {
    await client.dispose()
  }
}

/** What an operation is answered with as an event stream. */
const overStream = ({ router }: Graph, text: string, token?: string) =>
  query(
    router.url,
    text,
    {},
    { accept: 'text/event-stream', ...(token ? { authorization: `Bearer ${token}` } : {}) },
  )

describe('rates', () => {
  const file = { rateLimits: rateLimitsSchema.parse({ queries: { address: 200, user: 60 } }) }

  it('are told by 429 with a time, to the user by HTTP and socket, while others at the address go on', async () => {
    const graph = await start({ file })
    const [ann, bob] = [await graph.token('1'), await graph.token('2')]
    const asAnn = { authorization: `Bearer ${ann}` }
    const statuses: number[] = []
    // Ten people are assumed.
    for (let i = 0; i < 8; i += 1)
      statuses.push((await query(graph.router.url, '{ people { id } }', {}, asAnn)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429])
    const refused = await query(graph.router.url, '{ people { id } }', {}, asAnn)
    expect([refused.status, refused.code]).toEqual([429, 'RATE_LIMITED'])
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(0)
    expect(seconds).toBeLessThanOrEqual(120)
    expect(refused.text).toContain(`in ${seconds} s`)

    expect(await overSocket(graph, '{ people { id } }', ann)).toMatchObject([
      { extensions: { code: 'RATE_LIMITED' } },
    ])
    expect((await graph.ask('{ people { id } }', { token: bob })).status).toBe(200)
    expect((await graph.ask('mutation { count }', { token: ann })).status).toBe(200)
  })

  it('are told to the user over event streams, for subscriptions too, and to the address before anything is read', async () => {
    const graph = await start({ file })
    const [ann, bob] = [await graph.token('1'), await graph.token('2')]
    const codes: unknown[] = []
    for (let i = 0; i < 8; i += 1) codes.push((await overStream(graph, '{ people { id } }', ann)).code)
    expect(codes).toEqual([...Array<undefined>(6).fill(undefined), 'RATE_LIMITED', 'RATE_LIMITED'])
    const refused = await overStream(graph, 'subscription { renamed { id } }', ann)
    expect([refused.status, refused.code]).toEqual([200, 'RATE_LIMITED'])
    expect(graph.counts.subscriptions).toBe(0)
    expect((await graph.ask('{ people { id } }', { token: ann })).status).toBe(429)

    const asBob: unknown[] = []
    for (let i = 0; i < 6; i += 1) asBob.push((await overStream(graph, '{ people { id } }', bob)).code)
    expect(asBob).toEqual(Array<undefined>(6).fill(undefined))
    for (let i = 0; i < 8; i += 1) await overStream(graph, '{ people { id } }')
    const kept = await overStream(graph, 'not even read')
    expect([kept.status, kept.code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(kept.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('count for an address whatever comes from it, over sockets and what is refused, too', async () => {
    const graph = await start({ file })
    for (let i = 0; i < 10; i += 1) expect((await graph.ask('{ nothing }')).status).toBe(400)
    for (let i = 0; i < 10; i += 1)
      expect(await overSocket(graph, '{ people { id } }')).toHaveProperty('data')
    const { status } = await graph.ask('{ people { id } }')
    expect(status).toBe(429)
    expect((await graph.ask('{ nothing }')).status).toBe(429)
    expect((await ask(`${graph.router.url}/healthz`)).status).toBe(200)
  })
})

describe('shedding', () => {
  it('answers 503 with a time beyond what may run and wait; health is always told', async () => {
    const graph = await start({ file: { concurrency: { running: 2, waiting: 2, waitFor: 150 } } })
    let asks = 0
    // Each asks something else: the same would be fetched once.
    const pause = () => query(graph.router.url, `{ pause(ms: ${300 + asks++}) }`)
    const asked = [pause(), pause(), pause(), pause()]
    await vi.waitFor(() => expect(graph.counts.requests).toBe(2))
    await new Promise((resolve) => setTimeout(resolve, 30))
    const begin = Date.now()
    const shed = await pause()
    expect([shed.status, shed.code, shed.headers.get('retry-after')]).toEqual([503, 'OVERLOADED', '1'])
    expect(Date.now() - begin).toBeLessThan(100)
    expect(await overSocket(graph, '{ caller }')).toMatchObject([{ extensions: { code: 'OVERLOADED' } }])
    for (const path of ['/healthz', '/readyz'])
      expect((await ask(`${graph.router.url}${path}`)).status).toBe(200)
    expect((await Promise.all(asked)).map(({ status }) => status).toSorted()).toEqual([200, 200, 503, 503])
    expect((await query(graph.router.url, '{ caller }')).status).toBe(200)
    expect(graph.counts.requests).toBe(0)
  })
})

describe('an operation', () => {
  it('beyond a limit is refused before anything is fetched, by HTTP and socket', async () => {
    const graph = await start({ file: { limits: limitsSchema.parse({ cost: 15, depth: 2 }) } })
    const told = await query(graph.router.url, '{ people { id } beings { id } }')
    expect([told.status, told.code]).toEqual([400, 'COST_EXCEEDED'])
    expect(told.text).toContain('The operation has 20 cost; 15 are allowed.')
    expect(await overSocket(graph, '{ people { id } beings { id } }')).toMatchObject([
      { extensions: { code: 'COST_EXCEEDED' } },
    ])
    expect((await query(graph.router.url, '{ people { id } }')).status).toBe(200)
  })

  it('that asks for the schema is refused in production, but for the role', async () => {
    const graph = await start({})
    const refused = await graph.ask('{ __schema { types { name } } }')
    expect([refused.status, codesOf(refused.body)]).toEqual([400, [': GRAPHQL_VALIDATION_FAILED']])
    expect(
      (await graph.ask('{ ...F } fragment F on Query { t: __type(name: "Person") { name } }')).status,
    ).toBe(400)
    expect((await graph.ask('{ __typename people { __typename } }')).status).toBe(200)
    const admin = await graph.token('1', { roles: ['admin'] })
    expect((await graph.ask('{ __schema { types { name } } }', { token: admin })).body.errors).toBeUndefined()
  })

  it.each([
    ['always', {}, 200],
    ['never', { roles: ['admin'], scope: 'schema:read' }, 400],
    [{ roles: [], scopes: ['schema:read'] }, { scope: 'schema:read' }, 200],
    [{ roles: [], scopes: ['schema:read'] }, { roles: ['admin'] }, 400],
  ] as const)(
    'that asks for the schema follows the configuration: %j %j',
    async (introspection, claims, status) => {
      const config =
        typeof introspection === 'string' ? introspection : { roles: [], scopes: [...introspection.scopes] }
      const graph = await start({ file: { introspection: config } })
      const token = await graph.token('1', {
        ...claims,
        roles: 'roles' in claims ? [...claims.roles] : ['member'],
      })
      expect((await graph.ask('{ __schema { queryType { name } } }', { token })).status).toBe(status)
    },
  )

  it('is known by its hash after it came with its text, by POST, GET and socket', async () => {
    const graph = await start({})
    const text = '{ best { name } }'
    const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf(text) } }
    const byHash = () => graph.ask('', { query: undefined, extensions })
    const unknown = await byHash()
    expect([unknown.status, codesOf(unknown.body)]).toEqual([400, [': PERSISTED_QUERY_NOT_FOUND']])
    const plain = await ask(`${graph.router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ extensions }),
    })
    expect([plain.status, plain.code]).toEqual([200, 'PERSISTED_QUERY_NOT_FOUND'])
    expect((await graph.ask(text, { extensions })).body.data).toEqual({ best: { name: 'Ann' } })
    expect((await byHash()).body.data).toEqual({ best: { name: 'Ann' } })
    const got = await ask(
      `${graph.router.url}/graphql?extensions=${encodeURIComponent(JSON.stringify(extensions))}`,
      { headers: { 'apollo-require-preflight': '1' } },
    )
    expect(JSON.parse(got.text)).toEqual({ data: { best: { name: 'Ann' } } })
    const wrong = await graph.ask('{ best { id } }', { extensions })
    expect([wrong.status, codesOf(wrong.body)]).toEqual([400, [': BAD_USER_INPUT']])
  })

  it('that is invalid is not remembered under its hash', async () => {
    const graph = await start({})
    const text = '{ nothing }'
    const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf(text) } }
    expect((await graph.ask(text, { extensions })).status).toBe(400)
    expect(codesOf((await graph.ask('', { query: undefined, extensions })).body)).toEqual([
      ': PERSISTED_QUERY_NOT_FOUND',
    ])
  })

  it('that is not registered is refused where that is enforced, by HTTP and socket', async () => {
    const graph = await start({ file: { persisted: persistedSchema.parse({ mode: 'enforce' }) } })
    const { status, body } = await graph.ask('{ caller }')
    expect([status, codesOf(body)]).toEqual([400, [': QUERY_NOT_IN_SAFELIST']])
    expect(await overSocket(graph, '{ caller }')).toMatchObject([
      { extensions: { code: 'QUERY_NOT_IN_SAFELIST' } },
    ])
  })
})

it('a Redis that is away costs nobody an answer, and is told once', async () => {
  const graph = await start({ sharedRedisUrl: 'redis://127.0.0.1:9' })
  const extensions = { persistedQuery: { version: 1, sha256Hash: hashOf('{ caller }') } }
  for (let i = 0; i < 3; i += 1) expect((await graph.ask('{ caller }', { extensions })).status).toBe(200)
  expect((await graph.ask('', { query: undefined, extensions })).status).toBe(200)
  expect(graph.logged.filter((line) => line.includes('counts for itself'))).toHaveLength(1)
})
