import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { badUserInput } from './errors.ts'
import { createLogger } from './logger.ts'
import { startSubgraph } from './subgraph.ts'
import type { RunningSubgraph, SubgraphContext } from './subgraph.ts'
import { IDENTITY_HEADER, signIdentity, subscribeBinding } from './trust.ts'

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated", "@requiresScopes", "@policy"])
  type Query { hello: String! secret: String @authenticated broken: String refused: String address: String }
  type Cat @key(fields: "id") { id: ID! name: String diary: String @policy(policies: [["self"], ["cats:read"]]) }
  type Subscription { count(to: Int!): Count! never: Count! mine: Count! @authenticated }
  type Count { n: Int! context: Int! scoped: String @requiresScopes(scopes: [["cats:read"]]) }
`
const keys = [{ id: 'test', secret: 'a-secret-for-this-test' }]
const tom = { id: 'tom', roles: ['user'], scopes: [], sessionId: 's1' }
const logged: string[] = []
const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })

interface TestContext extends SubgraphContext {
  readonly address: string
  readonly serial: number
}
let contexts = 0
let stopped = 0
let subgraph: RunningSubgraph

beforeAll(async () => {
  subgraph = await startSubgraph<TestContext>({
    name: 'cats',
    typeDefs,
    resolvers: {
      Query: {
        hello: () => 'world',
        secret: () => 'milk',
        broken: () => {
          throw new Error('connection to 10.0.0.1 refused', { cause: new Error('deep down') })
        },
        refused: () => {
          throw badUserInput('Not like that.')
        },
        address: (_parent: unknown, _args: unknown, context: TestContext) => context.address,
      },
      Cat: {
        __resolveReference: ({ id }: { id: string }) => ({ id, name: id.toUpperCase(), diary: `of ${id}` }),
      },
      Subscription: {
        count: { subscribe: (_parent: unknown, { to }: { to: number }) => countTo(to) },
        mine: { subscribe: () => countTo(1, 'mine') },
        never: { subscribe: () => neverEnding() },
      },
      Count: {
        context: (_parent: unknown, _args: unknown, context: TestContext) => context.serial,
        scoped: () => 'purr',
      },
    },
    policies: {
      self: (parent, _args, { viewer }) =>
        typeof parent === 'object' && parent !== null && 'id' in parent && parent.id === viewer?.id,
    },
    createContext: ({ viewer, address }) => ({ viewer, address, serial: ++contexts }),
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys: keys,
    logger,
    routes: (app) => void app.post('/echo', (request) => ({ got: request.body })),
    ready: () => Promise.resolve({ database: true, redis: false }),
  })
})
afterAll(() => subgraph.close())

describe('a graph request', () => {
  it('is answered when the router vouches for it', async () => {
    const { status, body } = await ask('{ hello address }')
    expect({ status, body }).toEqual({
      status: 200,
      body: { data: { hello: 'world', address: '203.0.113.7' } },
    })
  })

  it('is not executed when its deadline has passed', async () => {
    const before = contexts
    const body = '{"query":"{ hello }"}'
    const late = await post(body, { [IDENTITY_HEADER]: sign(body), 'x-deadline': String(Date.now() - 1) })
    expect([late.status, late.body.errors?.[0]?.extensions?.code, contexts]).toEqual([200, 'TIMEOUT', before])
    for (const deadline of [String(Date.now() + 5_000), 'nonsense', ''])
      expect((await post(body, { [IDENTITY_HEADER]: sign(body), 'x-deadline': deadline })).body.data).toEqual(
        {
          hello: 'world',
        },
      )
  })

  it('is refused with 401 without, or with a forged, identity', async () => {
    for (const identity of [null, 'v1.test.e30.AAAA', sign('{"query":"{ hello }"}')]) {
      const { status, body } = await ask('{ address }', { identity })
      expect(status).toBe(401)
      expect(body.errors[0].extensions.code).toBe('UNAUTHENTICATED')
    }
  })

  it('is refused with its own reason when it is malformed, too large or not JSON', async () => {
    expect(await post('{"query":')).toMatchObject({ status: 400, body: { errors: [badInput] } })
    expect(await post('x'.repeat(2_000_000))).toMatchObject({ status: 413, body: { errors: [badInput] } })
    expect(await post('hello', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 })
    expect(await post('{"nothing":1}')).toMatchObject({ status: 400, body: { errors: [badInput] } })
    expect(await ask('{ nothing }')).toMatchObject({
      status: 400,
      body: { errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] },
    })
  })

  it('masks what was not expected, logs it once with its cause, and passes what was meant', async () => {
    logged.length = 0
    const { body } = await ask('{ hello broken refused }')
    expect(body.data).toEqual({ hello: 'world', broken: null, refused: null })
    expect(body.errors.map((e: { message: string }) => e.message)).toEqual([
      'Something went wrong.',
      'Not like that.',
    ])
    expect(JSON.stringify(body)).not.toMatch(/10\.0\.0\.1|stack/)
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain('deep down')
  })

  it('answers a guarded field with null and an error at its path', async () => {
    const { body } = await ask('{ hello secret }')
    expect(body).toMatchObject({
      data: { hello: 'world', secret: null },
      errors: [{ path: ['secret'], extensions: { code: 'UNAUTHENTICATED' } }],
    })
    expect((await ask('{ secret }', { viewer: tom })).body.data.secret).toBe('milk')
  })

  it('guards fields reached through _entities', async () => {
    const query = `{ _entities(representations: [{ __typename: "Cat", id: "tom" }, { __typename: "Cat", id: "kit" }]) {
      ... on Cat { name diary } } }`
    const { body } = await ask(query, { viewer: tom })
    expect(body.data._entities).toEqual([
      { name: 'TOM', diary: 'of tom' },
      { name: 'KIT', diary: null },
    ])
    expect(body.errors).toMatchObject([
      { path: ['_entities', 1, 'diary'], extensions: { code: 'FORBIDDEN' } },
    ])
  })

  it('may not introspect', async () => {
    expect((await ask('{ __schema { types { name } } }')).status).toBe(400)
  })
})

describe('a subscription', () => {
  it('gives each event a context of its own', async () => {
    const events = await subscribe('subscription { count(to: 3) { n context } }')
    expect(events.map((e) => e.data.count.n)).toEqual([1, 2, 3])
    expect(new Set(events.map((e) => e.data.count.context)).size).toBe(3)
  })

  it('guards fields of its events', async () => {
    const [event] = await subscribe('subscription { count(to: 1) { n scoped } }')
    expect(event.data.count).toEqual({ n: 1, scoped: null })
    expect(event.errors[0].extensions.code).toBe('UNAUTHENTICATED')
  })

  it('guards its root field', async () => {
    expect(JSON.stringify(await subscribe('subscription { mine { n } }'))).toContain('UNAUTHENTICATED')
    expect(await subscribe('subscription { mine { n } }', { viewer: tom })).toEqual([
      { data: { mine: { n: 1 } } },
    ])
  })

  it('is refused without an identity for this very operation, and the socket stays', async () => {
    const refused = await subscribe('subscription { count(to: 1) { n } }', { sign: 'something else' })
    expect(refused[0].extensions.code).toBe('UNAUTHENTICATED')
  })

  it('answers faults of the operation as errors', async () => {
    expect((await subscribe('subscription {'))[0].extensions.code).toBe('GRAPHQL_PARSE_FAILED')
    expect((await subscribe('subscription { no }'))[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
    expect((await subscribe('{ hello }'))[0].extensions.code).toBe('BAD_USER_INPUT')
  })

  it('lets go of its source when the client leaves in the middle', async () => {
    const client = createClient({ url: wsUrl(), webSocketImpl: WebSocket, retryAttempts: 0 })
    const before = stopped
    const query = 'subscription { never { n } }'
    const identity = signSubscribe(query)
    const iterator = client.iterate({ query, extensions: { identity } })
    void iterator.next()
    await new Promise((resolve) => client.on('connected', () => setTimeout(resolve, 50)))
    await iterator.return?.()
    await expect.poll(() => stopped).toBe(before + 1)
    await client.dispose()
  })
})

describe('beside the graph', () => {
  it('health needs no identity and readiness tells its parts', async () => {
    expect((await fetch(`${subgraph.url}/healthz`)).status).toBe(200)
    const ready = await fetch(`${subgraph.url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toEqual({ status: 'not ready', parts: { database: true, redis: false } })
  })

  it('routes read JSON as usual', async () => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' }
    expect(await (await fetch(`${subgraph.url}/echo`, init)).json()).toEqual({ got: { a: 1 } })
  })
})

describe('closing', () => {
  it('finishes the request in progress and closes sockets with 1001', async () => {
    let open: (() => void) | undefined
    const begun = Promise.withResolvers<void>()
    const other = await startSubgraph({
      name: 'cats',
      typeDefs: 'type Query { slow: String }',
      resolvers: {
        Query: {
          slow: () =>
            new Promise((resolve) => {
              open = () => resolve('done')
              begun.resolve()
            }),
        },
      },
      policies: {},
      createContext: ({ viewer }) => ({ viewer }),
      listen: { host: '127.0.0.1', port: 0 },
      identityKeys: keys,
      logger,
    })
    const socket = new WebSocket(other.url.replace('http', 'ws') + '/graphql', 'graphql-transport-ws')
    const code = new Promise((resolve) => socket.on('close', resolve))
    await new Promise((resolve) => socket.on('open', resolve))
    const answer = ask('{ slow }', { url: other.url })
    await begun.promise
    const closed = other.close()
    expect(await code).toBe(1001)
    open?.()
    expect((await answer).body).toEqual({ data: { slow: 'done' } })
    await closed
    await expect(fetch(`${other.url}/healthz`)).rejects.toThrow()
  })
})

const badInput = { extensions: { code: 'BAD_USER_INPUT' } }

function sign(body: string, viewer: typeof tom | null = null, method = 'POST') {
  const claims = { audience: 'cats', method, body, viewer, address: '203.0.113.7' }
  return signIdentity({ ...claims, expiresAt: Date.now() + 10_000 }, keys)
}

const signSubscribe = (query: string, viewer: typeof tom | null = null) =>
  sign(subscribeBinding({ query }), viewer, 'SUBSCRIBE')

async function ask(
  query: string,
  options: { viewer?: typeof tom; identity?: string | null; url?: string } = {},
) {
  const body = JSON.stringify({ query })
  const identity = options.identity === undefined ? sign(body, options.viewer) : options.identity
  return post(body, identity ? { [IDENTITY_HEADER]: identity } : {}, options.url)
}

async function post(body: string, headers: Record<string, string> = {}, url = subgraph.url) {
  const signed = headers[IDENTITY_HEADER] || !body.startsWith('{"query":"')
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signed ? { [IDENTITY_HEADER]: sign(body) } : {}),
      ...headers,
    },
    body,
  })
  return { status: response.status, body: readAnswer(await response.text()) }
}

// What came over the wire is looked at from all sides here; a type per query would only repeat the queries.
type Answer = ReturnType<typeof JSON.parse>
const readAnswer = (text: string): Answer => JSON.parse(text)

const wsUrl = () => `${subgraph.url.replace('http', 'ws')}/graphql`

/** All that one subscription gives, errors as items. */
async function subscribe(
  query: string,
  { viewer, sign: other }: { viewer?: typeof tom; sign?: string } = {},
) {
  const client = createClient({ url: wsUrl(), webSocketImpl: WebSocket, retryAttempts: 0 })
  const items: Answer[] = []
  await new Promise<void>((resolve) => {
    client.subscribe(
      { query, extensions: { identity: signSubscribe(other ?? query, viewer ?? null) } },
      {
        next: (item) => void items.push(item),
        error: (error) => {
          items.push(...(Array.isArray(error) ? error : [error]))
          resolve()
        },
        complete: resolve,
      },
    )
  })
  await client.dispose()
  return items
}

async function* countTo(n: number, field = 'count') {
  for (let i = 1; i <= n; i++) yield { [field]: { n: i } }
}

function neverEnding(): AsyncIterableIterator<never> {
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => new Promise(() => {}),
    return: () => {
      stopped += 1
      return Promise.resolve({ value: undefined, done: true as const })
    },
  }
}
