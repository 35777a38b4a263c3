import { generateKeyPair } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { codesOf, startTestGraph } from './testing/start-test-graph.ts'

let graph: Awaited<ReturnType<typeof startTestGraph>>
beforeAll(async () => {
  graph = await startTestGraph({ playground: true })
})
afterAll(() => graph.close())

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(`${graph.router.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as BodyInit,
  })

async function told(response: Response) {
  const text = await response.text()
  const body: { errors: { extensions: { code: string } }[] } = JSON.parse(text)
  expect(text).not.toMatch(/stack|node_modules|<html/i)
  return [response.status, body.errors[0]?.extensions.code]
}

describe('a query', () => {
  it('joins fields of two subgraphs', async () => {
    const { status, body } = await graph.ask('{ people { name score } best { name } }')
    expect(status).toBe(200)
    expect(body).toEqual({
      data: {
        people: [
          { name: 'Ann', score: 10 },
          { name: 'Bob', score: 20 },
        ],
        best: { name: 'Ann' },
      },
    })
  })

  it('honours variables with defaults in @include', async () => {
    const query = 'query ($with: Boolean = false) { people { id name @include(if: $with) } }'
    expect((await graph.ask(query)).body.data).toEqual({ people: [{ id: '1' }, { id: '2' }] })
    const { body } = await graph.ask(query, { variables: { with: true } })
    expect(body.data).toEqual({
      people: [
        { id: '1', name: 'Ann' },
        { id: '2', name: 'Bob' },
      ],
    })
  })

  it('tells nothing of what went wrong inside', async () => {
    const { text, body } = await graph.ask('{ leaky people { id } }')
    expect(codesOf(body)).toEqual(['leaky: INTERNAL_SERVER_ERROR'])
    expect(body.data).toEqual({ leaky: null, people: [{ id: '1' }, { id: '2' }] })
    expect(text).not.toMatch(/hunter2|10\.0\.0\.1|subgraph|serviceName|127\.0\.0\.1|"people" *:\s*"/)
  })

  it('ends in TIMEOUT where a subgraph is slow, and the rest comes', async () => {
    const { body } = await graph.ask('{ pause(ms: 1500) best { score } }')
    expect(codesOf(body)).toEqual(['pause: TIMEOUT'])
    expect(body.data).toEqual({ pause: null, best: { score: 10 } })
  })
})

describe('a field with a scope', () => {
  it('is null with an error in a query, and everything else comes', async () => {
    const token = await graph.token('1')
    const { body } = await graph.ask(
      '{ people { id mail: email ...rest } } fragment rest on Person { name email }',
      { token },
    )
    expect(body.data).toEqual({
      people: [
        { id: '1', mail: null, name: 'Ann', email: null },
        { id: '2', mail: null, name: 'Bob', email: null },
      ],
    })
    expect(codesOf(body)).toEqual([
      'people.0.mail: FORBIDDEN',
      'people.0.email: FORBIDDEN',
      'people.1.mail: FORBIDDEN',
      'people.1.email: FORBIDDEN',
    ])
  })

  it('is given to who has the scope', async () => {
    const token = await graph.token('1', { scope: 'people:read' })
    expect((await graph.ask('{ people { email sealed } }', { token })).body).toEqual({
      data: {
        people: [
          { email: 'ann@here.test', sealed: 7 },
          { email: 'bob@here.test', sealed: 7 },
        ],
      },
    })
  })

  it('asks strangers to sign in', async () => {
    expect(codesOf((await graph.ask('{ me { name } }')).body)).toEqual(['me: UNAUTHENTICATED'])
  })

  it('takes its parent with it where it may not be null', async () => {
    const { body } = await graph.ask('{ best { id sealed } people { id } }')
    expect(body.data).toEqual({ best: null, people: [{ id: '1' }, { id: '2' }] })
    expect(codesOf(body)).toEqual(['best.sealed: UNAUTHENTICATED'])
  })

  it('refuses the whole mutation, at any depth, before anything is done', async () => {
    const before = graph.counts.mutations
    const token = await graph.token('1')
    const { body } = await graph.ask('mutation { count greet { id email } }', { token })
    expect(body.data).toBeNull()
    expect(codesOf(body)).toEqual(['greet.email: FORBIDDEN'])
    expect(graph.counts.mutations).toBe(before)
    expect((await graph.ask('mutation { count greet { id } }', { token })).body.errors).toBeUndefined()
  })

  it('guards the members of unions and interfaces by their type', async () => {
    const query =
      '{ found { __typename ... on Robot { model } ... on Person { name } } beings { ...being } } fragment being on Being { id ... on Robot { model } }'
    const stranger = await graph.ask(query)
    expect(codesOf(stranger.body)).toContain('found.1.model: UNAUTHENTICATED')
    const { body } = await graph.ask(query, { token: await graph.token('1') })
    expect(body).toEqual({
      data: {
        found: [
          { __typename: 'Person', name: 'Bob' },
          { __typename: 'Robot', model: 'T1' },
        ],
        beings: [{ id: '1' }, { id: 'r', model: 'T1' }],
      },
    })
  })

  it('leaves ownership to the subgraph, which sees the data', async () => {
    const { body } = await graph.ask('{ people { diary } }', { token: await graph.token('1') })
    expect(body.data).toEqual({ people: [{ diary: 'dear' }, { diary: null }] })
    expect(codesOf(body)).toEqual(['people.1.diary: FORBIDDEN'])
  })
})

describe('a token', () => {
  it('makes the viewer that the subgraph sees', async () => {
    const { body } = await graph.ask('{ caller me { name } }', {
      token: await graph.token('2', { scope: 'a:b' }),
    })
    expect(body.data).toEqual({
      caller: JSON.stringify({ id: '2', roles: ['member'], scopes: ['a:b'], sessionId: 's1' }),
      me: { name: 'Bob' },
    })
  })

  it('refuses the whole request when it is forged, expired or no token', async () => {
    const { privateKey } = await generateKeyPair('EdDSA')
    const bad = [
      await graph.token('1', { key: privateKey }),
      await graph.token('1', { seconds: -5 }),
      'nonsense',
    ]
    for (const token of bad) {
      const { status, body } = await graph.ask('{ people { id } }', { token })
      expect([status, body.data, codesOf(body)]).toEqual([401, undefined, [': UNAUTHENTICATED']])
    }
    const plain = await post('{"query":"{ people { id } }"}', { authorization: 'Bearer nonsense' })
    expect(await told(plain)).toEqual([200, 'UNAUTHENTICATED'])
  })
})

describe('what is not GraphQL over HTTP', () => {
  it.each([
    ['malformed JSON', '{nope', 400, 'BAD_USER_INPUT'],
    ['a list', '[]', 400, 'BAD_USER_INPUT'],
    ['no query', '{}', 400, 'BAD_USER_INPUT'],
    ['a syntax error', '{"query":"{"}', 400, 'GRAPHQL_PARSE_FAILED'],
    ['nesting without end', JSON.stringify({ query: '{a'.repeat(100_000) }), 400, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{"query":"{ peopel { id } }"}', 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'an unknown operation',
      '{"query":"query A { caller }","operationName":"B"}',
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a subscription over POST', '{"query":"subscription { renamed { id } }"}', 400, 'BAD_USER_INPUT'],
    [
      'a variable of another type',
      '{"query":"query ($m: Int!) { pause(ms: $m) }","variables":{"m":"x"}}',
      400,
      'BAD_USER_INPUT',
    ],
    ['2 MB', JSON.stringify({ query: ' '.repeat(2_000_000) }), 413, 'BAD_USER_INPUT'],
  ])('is refused as GraphQL JSON: %s', async (_what, body, status, code) => {
    expect(await told(await post(body))).toEqual([status, code])
  })

  it('suggests no names of the schema in production', async () => {
    expect(await (await post('{"query":"{ peopel { id } }"}')).text()).not.toContain('Did you mean')
  })

  it('refuses other content types, mutations by GET, and what a foreign page could send', async () => {
    expect(await told(await post('{}', { 'content-type': 'text/plain' }))).toEqual([415, 'BAD_USER_INPUT'])
    const get = (query: string, headers = {}) =>
      fetch(`${graph.router.url}/graphql?query=${encodeURIComponent(query)}`, { headers })
    expect(await told(await get('{ caller }'))).toEqual([400, 'BAD_USER_INPUT'])
    const preflighted = { 'apollo-require-preflight': 'true' }
    expect((await get('{ caller }', preflighted)).status).toBe(200)
    expect(await told(await get('mutation { count }', preflighted))).toEqual([405, 'BAD_USER_INPUT'])
  })
})

describe('beside the graph', () => {
  it('gives browsers a playground that loads nothing from elsewhere', async () => {
    const response = await fetch(`${graph.router.url}/graphql`, { headers: { accept: 'text/html' } })
    const html = await response.text()
    expect(html).toContain('GraphiQL')
    expect(html).not.toMatch(/<script[^>]+src=|<link[^>]+href="https?:/)
  })

  it('forwards the configured prefixes, says how it is, and knows nothing else', async () => {
    const get = (path: string) => fetch(`${graph.router.url}${path}`)
    expect(await (await get('/jwks')).json()).toHaveProperty('keys')
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    expect(await told(await get('/nowhere'))).toEqual([404, 'BAD_USER_INPUT'])
  })
})

describe('trust', () => {
  it('is refused by subgraphs when the identity is signed with another secret', async () => {
    const other = await startTestGraph({ identitySecret: 'another-secret-than-theirs' })
    const { body } = await other.ask('{ people { id } }')
    expect(body.data).toEqual({ people: null })
    expect(body.errors?.length).toBeGreaterThan(0)
    await other.close()
  })
})

describe('a subgraph that is down', () => {
  it('costs only its own fields', async () => {
    const other = await startTestGraph()
    await other.running.scores.close()
    const { text, body } = await other.ask('{ people { name score } }')
    expect(body.data).toEqual({
      people: [
        { name: 'Ann', score: null },
        { name: 'Bob', score: null },
      ],
    })
    expect(codesOf(body)).toEqual(['people.0.score: UNAVAILABLE', 'people.1.score: UNAVAILABLE'])
    expect(text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1|scores/)
    await other.close()
  })
})

describe('several instances of a subgraph', () => {
  it('are taken in turns, and one that refuses connections costs no query', async () => {
    const other = await startTestGraph({
      subgraphUrls: (scores) => new Map([['scores', ['http://127.0.0.1:9/graphql', scores]]]),
    })
    const answers = await Promise.all(Array.from({ length: 4 }, () => other.ask('{ best { score } }')))
    expect(answers.map(({ body }) => body)).toEqual(Array(4).fill({ data: { best: { score: 10 } } }))
    await other.close()
  })

  it('are refused when the supergraph has no such subgraph', async () => {
    const start = startTestGraph({ subgraphUrls: () => new Map([['nobody', ['http://127.0.0.1:9']]]) })
    await expect(start).rejects.toThrow('names the subgraph "nobody"')
  })
})

describe('a client that leaves', () => {
  it('takes its fetches along', async () => {
    const leaving = new AbortController()
    const asked = fetch(`${graph.router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ pause(ms: 400) }' }),
      signal: leaving.signal,
    })
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(graph.counts.requests).toBe(1)
    leaving.abort()
    await expect(asked).rejects.toThrow()
    await vi.waitFor(() => expect(graph.counts.requests).toBe(0), { timeout: 250 })
  })
})
