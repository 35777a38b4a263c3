import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libraryFiles } from './testing/library.ts'
import { startLibrary } from './testing/start-library.ts'

let library: Awaited<ReturnType<typeof startLibrary>>
beforeAll(async () => {
  library = await startLibrary({
    keys: [
      { name: 'reader', key: 'key_reader' },
      { name: 'staff', key: 'key_staff', scopes: ['books:lend', 'books:price'] },
    ],
  })
})
afterAll(() => library.close())

const problemOf = async (path: string, options: Parameters<typeof library.ask>[1] = {}) => {
  const { status, type, body, text } = await library.ask(path, options)
  expect(type).toBe('application/problem+json')
  expect(body.status).toBe(status)
  expect(text).not.toMatch(/stack|node_modules|127\.0\.0\.1/)
  return body
}
const lend = (id: string, body: unknown, key?: string) =>
  problemOf(`/v1/books/${id}/loans`, { method: 'POST', body, ...(key === undefined ? {} : { key }) })

describe('a route', () => {
  it('answers with the value of the root field', async () => {
    const { status, type, body } = await library.ask('/v1/books')
    expect([status, type]).toEqual([200, 'application/json'])
    expect(body).toEqual({
      data: [
        { id: '1', title: 'Book 1' },
        { id: '2', title: 'Book 2' },
      ],
    })
  })

  it('makes numbers, booleans and lists of the text in its query', async () => {
    await library.ask('/v1/books?first=3&inPrint=true&ids=1&order=NEWEST&since=2020-01-31')
    const since = '2020-01-31'
    expect(library.seen.listed.at(-1)).toEqual({
      first: 3,
      inPrint: true,
      ids: ['1'],
      order: 'NEWEST',
      since,
    })
    await library.ask('/v1/books?ids=1&ids=2')
    expect(library.seen.listed.at(-1)).toEqual({ first: 10, ids: ['1', '2'], order: 'TITLE' })
  })

  it('tells members of a union by __typename', async () => {
    expect((await library.ask('/v1/shelf')).body.data).toEqual([
      { __typename: 'Book', id: '1', title: 'Book 1' },
      { __typename: 'Magazine', id: 'm', issue: 3 },
    ])
  })

  it('answers with the status that the mapping gives, and without the name of the only success', async () => {
    const body = { name: 'Eve', age: 7, tags: null, friend: { name: 'Bob' } }
    const answer = await library.ask('/v1/books/1/loans', { method: 'POST', key: 'key_staff', body })
    expect([answer.status, answer.body]).toEqual([201, { data: { id: '1', title: 'Book 1' } }])
    expect(library.seen.lent.at(-1)).toEqual({
      id: '1',
      reader: { ...body, friend: { name: 'Bob', tags: ['new'] } },
    })
  })

  it('says which part of an answer could not be given, and why', async () => {
    const { status, body } = await library.ask('/v1/books/1', { key: 'key_reader' })
    expect(status).toBe(200)
    expect(body.data).toMatchObject({ title: 'Book 1', price: null, notes: null, author: { name: 'Ann' } })
    expect(body.errors).toEqual([
      { pointer: '/data/notes', code: 'FORBIDDEN', detail: expect.any(String) },
      { pointer: '/data/price', code: 'FORBIDDEN', detail: expect.any(String) },
    ])
    expect(await library.ask('/v1/books/1/lazy')).toMatchObject({
      status: 200,
      body: {
        data: { id: '1', down: null },
        errors: [{ pointer: '/data/down', code: 'UNAVAILABLE', detail: 'Not at the moment.' }],
      },
    })
  })
})

describe('a request that does not fit is refused with 400 and where', () => {
  it.each([
    ['/v1/books?first=many', 'query', '/first', 'must be integer'],
    ['/v1/books?inPrint=perhaps', 'query', '/inPrint', 'must be boolean'],
    [
      '/v1/books?order=OLDEST',
      'query',
      '/order',
      'must be equal to one of the allowed values: TITLE, NEWEST',
    ],
    ['/v1/books?since=yesterday', 'query', '/since', 'must match format "date"'],
    ['/v1/books?frist=1', 'query', '/frist', 'is not known'],
    ['/v1/books?__proto__=1', 'query', '/__proto__', 'is not known'],
    ['/v1/books?first=3000000000', 'query', '/first', 'must match format "int32"'],
  ])('%s', async (path, place, pointer, detail) => {
    const problem = await problemOf(path)
    expect(problem).toMatchObject({ status: 400, code: 'BAD_USER_INPUT', title: 'Bad Request' })
    expect(problem.errors).toEqual([{ in: place, pointer, detail }])
  })

  it.each([
    [{}, '/name', 'is missing'],
    [{ name: 3 }, '/name', 'must be string'],
    [{ name: 'a', friend: { name: 'b', age: 'old' } }, '/friend/age', 'must be integer,null'],
    [{ name: 'a', since: 'soon' }, '/since', 'must match format "date"'],
    [{ name: 'a', colour: 'red' }, '/colour', 'is not known'],
    [[], '', 'must be object'],
  ])('a body of %j', async (body, pointer, detail) => {
    const before = library.seen.lent.length
    const problem = await lend('1', body, 'key_staff')
    expect(problem.errors).toEqual([{ in: 'body', pointer, detail }])
    expect(library.seen.lent).toHaveLength(before)
  })

  it('a body that is no JSON, of another type, missing or too large', async () => {
    const send = (body: string | undefined, headers = {}) =>
      problemOf('/v1/books/1/loans', { method: 'POST', key: 'key_staff', body, headers })
    expect((await send('{"name": ')).status).toBe(400)
    expect((await send('{"__proto__": {"name": "x"}}')).status).toBe(400)
    expect((await send('name=x', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await send(undefined)).errors).toEqual([{ in: 'body', pointer: '', detail: 'must be object' }])
    expect((await send(JSON.stringify({ name: 'x'.repeat(2 ** 20) }))).status).toBe(413)
  })
})

describe('what is refused has a status by its reason', () => {
  it('401 where a credential is needed, 403 where a scope is', async () => {
    const before = library.seen.lent.length
    const { headers } = await library.ask('/v1/me')
    expect(headers.get('www-authenticate')).toBe('Bearer, ApiKey')
    expect(await problemOf('/v1/me')).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
    expect(await lend('1', { name: 'a' })).toMatchObject({ status: 401 })
    expect(await lend('1', { name: 'a' }, 'key_reader')).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    expect(await problemOf('/v1/vault', { key: 'key_staff' })).toMatchObject({ status: 403 })
    // A field deep in a mutation's answer refuses it before anything is done.
    expect(await problemOf('/v1/books/1/gift', { method: 'POST' })).toMatchObject({ status: 401 })
    expect(library.seen.lent).toHaveLength(before)
    expect((await library.ask('/v1/books/1/gift', { method: 'POST', key: 'key_reader' })).body.data).toEqual({
      id: '1',
      author: { secret: 'dog' },
    })
  })

  it('404, 409 and 422 by the typed error, which comes along', async () => {
    expect(await lend('9', { name: 'a' }, 'key_staff')).toMatchObject({
      status: 404,
      title: 'Missing',
      detail: 'No such book.',
      code: 'MissingError',
    })
    expect(await lend('2', { name: 'a' }, 'key_staff')).toEqual({
      type: '/openapi.json#/components/schemas/LentError',
      title: 'Lent',
      status: 409,
      detail: 'It is lent.',
      code: 'LentError',
      error: { __typename: 'LentError', message: 'It is lent.', status: 7, until: '2030-01-01' },
    })
    expect(await lend('1', { name: 'odd' }, 'key_staff')).toMatchObject({ status: 422, code: 'OddError' })
  })

  it('404 for a root that is null, and for whatever has no route', async () => {
    for (const path of ['/v1/books/9', '/v1/nothing', '/v1'])
      expect(await problemOf(path)).toMatchObject({ status: 404, code: 'NOT_FOUND' })
    expect(await problemOf('/v1/books', { method: 'DELETE' })).toMatchObject({ status: 404 })
    expect((await library.ask('/v2/books')).body.errors[0].message).toBe('There is nothing here.')
  })

  it('429, 503 and 504 by the code of the graph, 500 for what nobody foresaw', async () => {
    expect(await problemOf('/v1/limited')).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
    expect(await problemOf('/v1/down')).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
    expect((await library.ask('/v1/down')).headers.get('retry-after')).toBe('1')
    expect(await problemOf('/v1/slow')).toMatchObject({ status: 504, code: 'TIMEOUT' })
    const id = '0af7651916cd43dd8448eb211c80319c'
    const headers = { traceparent: `00-${id}-b7ad6b7169203331-01` }
    const broken = await problemOf('/v1/broken', { headers })
    expect(library.logged.at(-1)).toContain(`"trace_id":"${id}"`)
    expect(broken).toMatchObject({ status: 500, detail: 'Something went wrong.' })
  })
})

it('a client that leaves takes its request to the subgraph along', async () => {
  const leaving = new AbortController()
  const before = library.seen.left
  const asked = fetch(`${library.url}/v1/slow`, { signal: leaving.signal })
  setTimeout(() => leaving.abort(), 100)
  await expect(asked).rejects.toThrow()
  await expect.poll(() => library.seen.left, { timeout: 350 }).toBe(before + 1)
})

describe('the description', () => {
  it('is at /openapi.json, and is what Swagger UI shows', async () => {
    const { body } = await library.ask('/openapi.json')
    expect(body).toMatchObject({ openapi: '3.1.1', info: { title: 'Library' } })
    expect((await library.ask('/docs/json')).body).toEqual(body)
  })

  it.each([
    ['get', '/v1/books', '/v1/books', undefined, 200],
    ['get', '/v1/books/{id}', '/v1/books/1', undefined, 200],
    ['get', '/v1/books/{id}', '/v1/books/9', undefined, 404],
    ['get', '/v1/books/{id}/lazy', '/v1/books/1/lazy', undefined, 200],
    ['get', '/v1/books', '/v1/books?first=x', undefined, 400],
    ['get', '/v1/shelf', '/v1/shelf', undefined, 200],
    ['get', '/v1/vault', '/v1/vault', undefined, 403],
    ['get', '/v1/limited', '/v1/limited', undefined, 429],
    ['get', '/v1/broken', '/v1/broken', undefined, 500],
    ['get', '/v1/down', '/v1/down', undefined, 503],
    ['post', '/v1/books/{id}/loans', '/v1/books/1/loans', { name: 'a' }, 201],
    ['post', '/v1/books/{id}/loans', '/v1/books/1/loans', { name: 'odd' }, 422],
    ['post', '/v1/books/{id}/loans', '/v1/books/2/loans', { name: 'a' }, 409],
    ['post', '/v1/books/{id}/gift', '/v1/books/1/gift', {}, 200],
  ])('fits what is answered: %s %s, %s with %j, %i', async (method, template, path, body, status) => {
    const { body: document } = await library.ask('/openapi.json')
    const answer = await library.ask(path, { method: method.toUpperCase(), key: 'key_staff', body })
    expect(answer.status).toBe(status)
    const described = document.paths[template][method].responses[status]
    const response = described.$ref ? document.components.responses[status] : described
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    const { schema } = response.content[answer.type ?? '']
    const validate = ajv.compile({ ...schema, components: document.components })
    validate(answer.body)
    expect(validate.errors).toBeNull()
    // And the schema says something: it does not fit just anything.
    expect(validate({ data: 3, status: 'three' })).toBe(false)
  })

  it('is a page at /docs that loads nothing from elsewhere', async () => {
    const page = await fetch(`${library.url}/docs`)
    const html = await page.text()
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    const assets = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
    expect(assets.length).toBeGreaterThan(4)
    for (const path of assets) {
      expect(path).toMatch(/^[./]/)
      expect([path, (await fetch(new URL(path, `${library.url}/docs`))).status]).toEqual([path, 200])
    }
  })
})

it('a folder with a fault stops the start and says where', async () => {
  const books = (libraryFiles['books.graphql'] ?? '').replace('vault {', 'vaults {')
  const start = startLibrary({ keys: [], files: { 'books.graphql': books } })
  await expect(start).rejects.toThrow(/books\.graphql:6: Cannot query field "vaults"/)
})
