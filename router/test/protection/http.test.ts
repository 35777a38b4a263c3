import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'
import { ask, post, query, raw } from './ask.ts'

const page = 'https://shop.test'
let graph: Awaited<ReturnType<typeof startTestGraph>>
let url: string
beforeAll(async () => {
  graph = await startTestGraph({
    file: { cors: { origins: [page] }, arrival: { headers: 300, request: 600 } },
  })
  url = graph.router.url
})
afterAll(() => graph.close())

const get = (text: string, headers: Record<string, string> = {}, method = 'GET') =>
  ask(`${url}/graphql?query=${encodeURIComponent(text)}`, { method, headers })
const preflighted = { 'apollo-require-preflight': '1' }

describe('a foreign page', () => {
  it.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['an upload', { 'content-type': 'multipart/form-data; boundary=x' }],
    ['plain text', { 'content-type': 'text/plain' }],
    ['plain text that pretends', { 'content-type': 'text/plain; application/json' }],
    ['nothing', { 'content-type': '' }],
  ])('cannot send an operation as %s', async (_what, headers) => {
    const before = graph.counts.mutations
    const { status } = await post(url, '{"query":"mutation { count }"}', headers)
    expect([status, graph.counts.mutations]).toEqual([415, before])
  })

  it('cannot send one by GET without asking first', async () => {
    expect(await get('{ caller }')).toMatchObject({ status: 400, code: 'BAD_USER_INPUT' })
    expect(await get('{ caller }', { 'content-type': 'text/plain' })).toMatchObject({ status: 400 })
    for (const header of ['apollo-require-preflight', 'x-apollo-operation-name'])
      expect((await get('{ caller }', { [header]: 'x' })).status).toBe(200)
    expect((await get('{ caller }', { 'content-type': 'application/json' })).status).toBe(200)
  })

  it('may ask and read, with a token, only where it is named', async () => {
    const preflight = (origin: string) =>
      fetch(`${url}/graphql`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,authorization',
        },
      })
    const allowed = await preflight(page)
    expect(allowed.status).toBe(204)
    expect(Object.fromEntries(allowed.headers)).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'content-type,authorization',
    })
    expect((await preflight('https://evil.test')).headers.has('access-control-allow-origin')).toBe(false)
    const answer = (origin: string) => query(url, '{ caller }', {}, { origin })
    expect((await answer(page)).headers.get('access-control-allow-origin')).toBe(page)
    expect((await answer(page)).headers.get('access-control-expose-headers')).toContain('retry-after')
    expect((await answer(page)).headers.get('vary')).toMatch(/origin/i)
    expect((await answer('https://evil.test')).headers.has('access-control-allow-origin')).toBe(false)
  })
})

describe('a method', () => {
  it.each(['PUT', 'PATCH', 'DELETE'])('%s is refused, and which are not is said', async (method) => {
    const { status, code, headers } = await ask(`${url}/graphql`, { method, headers: preflighted })
    expect([status, code, headers.get('allow')]).toEqual([405, 'BAD_USER_INPUT', 'GET, POST'])
  })

  it('that is safe runs no mutation', async () => {
    const before = graph.counts.mutations
    expect((await get('mutation { count }', preflighted)).status).toBe(405)
    expect(
      (await fetch(`${url}/graphql?query=mutation{count}`, { method: 'HEAD', headers: preflighted })).status,
    ).toBe(405)
    expect(graph.counts.mutations).toBe(before)
  })
})

describe('what is not a request for an operation is refused in GraphQL JSON', () => {
  it.each([
    ['an unknown path', () => ask(`${url}/nowhere`), 404],
    [
      'an unknown path with a body of some type',
      () => ask(`${url}/nowhere`, { method: 'POST', body: 'x' }),
      404,
    ],
    ['a path that is not one', () => ask(`${url}/%ff%`), 400],
    ['answers of another type', () => query(url, '{ caller }', {}, { accept: 'image/png' }), 406],
    ['a list of operations', () => post(url, JSON.stringify(Array(100).fill({ query: '{ caller }' }))), 400],
    ['a packed body', () => post(url, '{}', { 'content-encoding': 'gzip' }), 415],
    ['a body of more than 1 MB', () => post(url, `{"query":"${' '.repeat(1024 * 1024)}"}`), 413],
    ['a body without an end', () => post(url, endless(), {}, { duplex: 'half' } as RequestInit), 413],
    ['bytes that are no text', () => post(url, Buffer.from([0xff, 0xfe, 0x00])), 400],
    ['a content type that is none', () => post(url, '{}', { 'content-type': 'x' }), 415],
  ])('%s', async (_what, run, status) => {
    expect((await run()).status).toBe(status)
  })

  it.each([
    ['no HTTP', ['HELLO\r\n\r\n'], 400],
    ['headers without end', [`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}`], 431],
    [
      'two lengths',
      ['POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{'],
      400,
    ],
    [
      'a length and pieces',
      ['POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n{'],
      400,
    ],
  ])('%s', async (_what, pieces, status) => {
    expect((await raw(url, pieces)).status).toBe(status)
  })
})

function endless(): ReadableStream {
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(new Uint8Array(65_536).fill(32))
    },
  })
}

describe('a client that dribbles', () => {
  it.each([
    ['headers', [...'GET / HTTP/1.1\r\nHost: a\r\nX-Slow: '].concat(Array<string>(100).fill('x'))],
    [
      'a body',
      [
        'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n',
      ].concat(Array<string>(100).fill(' ')),
    ],
    ['nothing at all', []],
  ])('%s is told so and loses its connection', async (_what, pieces) => {
    const begin = Date.now()
    const { status } = await raw(url, pieces, 40)
    expect(status).toBe(408)
    expect(Date.now() - begin).toBeLessThan(2_500)
  })
})

it('a client may say that it will not wait so long', async () => {
  const begin = Date.now()
  const { text } = await query(url, '{ pause(ms: 400) }', {}, { 'x-request-timeout-ms': '100' })
  expect(text).toContain('TIMEOUT')
  expect(Date.now() - begin).toBeLessThan(350)
  for (const nonsense of ['-1', 'x', '0'])
    expect((await query(url, '{ pause(ms: 1) }', {}, { 'x-request-timeout-ms': nonsense })).text).toContain(
      'done',
    )
})
