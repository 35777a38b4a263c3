import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startHostile } from './start-hostile.ts'

let router: Awaited<ReturnType<typeof startHostile>>
let fetchedBefore = 0
beforeAll(async () => {
  router = await startHostile()
})
afterAll(() => router.close())

const asking = (query: string, more: object = {}) => router.post(JSON.stringify({ query, ...more }))
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join(' ')
const nested = (levels: number, open: string, close: string, inside: string) =>
  open.repeat(levels) + inside + close.repeat(levels)
const byVariable = (type: string, argument: string, json: string) =>
  router.post(`{"query":"query ($v: ${type}) { node(${argument}: $v) { id } }","variables":{"v":${json}}}`)
const bomb = (levels: number) =>
  `{ node { ...F0 } } ${times(levels, (i) => `fragment F${i} on Node { a: node { ...F${i + 1} } b: node { ...F${i + 1} } }`)} fragment F${levels} on Node { id }`

/** Where the stack ends depends on the machine. */
const tooLarge = /^(GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED|COST_EXCEEDED)$/
/** A refusal costs no more than this, on a busy machine. */
const SOON_MS = 1_500

describe('refused before anything is planned or fetched, and soon', () => {
  beforeAll(() => {
    fetchedBefore = router.fetched()
  })
  afterEach(async () => {
    expect(router.fetched()).toBe(fetchedBefore)
    expect(router.isAlive()).toBe(true)
  })

  it.each<[string, () => ReturnType<typeof asking>, number, string | RegExp]>([
    ['50 levels', () => asking(nested(50, '{ node ', '}', '{ id }')), 400, 'COST_EXCEEDED'],
    ['1,000 aliases', () => asking(`{ ${times(1_000, (i) => `a${i}: hello`)} }`), 400, 'COST_EXCEEDED'],
    ['1,000 fields of the same name', () => asking(`{ ${'hello '.repeat(1_000)} }`), 400, 'COST_EXCEEDED'],
    [
      '10,000 levels of lists in variables',
      () => byVariable('[[Int]]', 'list', nested(10_000, '[', ']', '1')),
      400,
      'BAD_USER_INPUT',
    ],
    [
      '10,000 levels of objects in variables',
      () => byVariable('In', 'json', nested(10_000, '{"in":', '}', 'null')),
      400,
      'BAD_USER_INPUT',
    ],
    [
      '400,000 levels of lists in variables',
      () => byVariable('[[Int]]', 'list', nested(400_000, '[', ']', '1')),
      400,
      'BAD_USER_INPUT',
    ],
    [
      '10,000 levels of lists in a literal',
      () => asking(`{ node(list: ${nested(10_000, '[', ']', '1')}) { id } }`),
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    [
      '4,900 levels of lists in a literal, which the tokens allow',
      () => asking(`{ node(list: ${nested(4_900, '[', ']', '1')}) { id } }`),
      400,
      tooLarge,
    ],
    [
      '3,300 levels of fields, which the tokens allow',
      () => asking(nested(3_300, '{ node ', '}', '{ id }')),
      400,
      tooLarge,
    ],
    [
      '3,000 levels of inline fragments',
      () => asking(`{ node ${nested(3_000, '{ ... ', '}', '{ id }')} }`),
      400,
      tooLarge,
    ],
    [
      '4,900 levels of lists in a default',
      () => asking(`query ($v: [[Int]] = ${nested(4_900, '[', ']', '1')}) { node(list: $v) { id } }`),
      400,
      tooLarge,
    ],
    [
      '4,900 levels of a type',
      () => asking(`query ($v: ${nested(4_900, '[', ']', 'Int')}) { node(list: $v) { id } }`),
      400,
      tooLarge,
    ],
    [
      'a fragment that contains itself',
      () => asking('{ node { ...F } } fragment F on Node { node { ...F } }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'fragments that contain each other',
      () => asking('{ node { ...A } } fragment A on Node { ...B } fragment B on Node { ...A }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a bomb of 15 fragments', () => asking(bomb(15)), 400, 'COST_EXCEEDED'],
    ['a bomb of 600 fragments', () => asking(bomb(600)), 400, tooLarge],
    [
      'nearly 1 MB of directives',
      () => asking(`{ hello ${'@include(if: true) '.repeat(50_000)} }`),
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    ['1,500 directives', () => asking(`{ hello ${'@a '.repeat(1_500)} }`), 400, 'COST_EXCEEDED'],
    [
      'nearly 1 MB of a comment and one field',
      () => asking(`#${'x'.repeat(1_000_000)}\n{ no }`),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'a batch of 100',
      () => router.post(JSON.stringify(Array(100).fill({ query: '{ hello }' }))),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'a packed body of much',
      () => router.post(gzipSync(Buffer.alloc(50_000_000, 32)), { 'content-encoding': 'gzip' }),
      415,
      'BAD_USER_INPUT',
    ],
    [
      'a field of 100,000 characters',
      () => asking(`{ ${'x'.repeat(100_000)} }`),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'an operation of an endless name',
      () => asking('query A { hello }', { operationName: 'x'.repeat(500_000) }),
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      '5,000 operations',
      () =>
        asking(
          times(2_400, (i) => `query Q${i} { hello }`),
          { operationName: 'X' },
        ),
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    [
      '2,400 operations',
      () =>
        asking(
          times(1_900, (i) => `query Q${i} { hello }`),
          { operationName: 'X' },
        ),
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['__proto__ as a field', () => asking('{ __proto__ }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['__proto__ as an alias', () => asking('{ __proto__: hello }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    ['constructor as a field', () => asking('{ constructor toString }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
    [
      '__proto__ as a variable',
      () => asking('query ($__proto__: ID) { node(id: $__proto__) { id } }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '__proto__ as an argument',
      () => asking('{ node(__proto__: 1, constructor: 2) { id } }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '__proto__ in an input',
      () => asking('{ node(json: { __proto__: { text: "x" } }) { id } }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '__proto__ in a JSON input',
      () => byVariable('In', 'json', '{"__proto__":{"text":"x"}}'),
      400,
      'BAD_USER_INPUT',
    ],
    [
      'constructor in a JSON input',
      () => byVariable('In', 'json', '{"constructor":{"prototype":{}}}'),
      400,
      'BAD_USER_INPUT',
    ],
    [
      '__proto__ as operationName',
      () => asking('query A { hello } query B { hello }', { operationName: '__proto__' }),
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'constructor as operationName',
      () => asking('query A { hello } query B { hello }', { operationName: 'constructor' }),
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'toString as operationName',
      () => asking('query A { hello }', { operationName: 'toString' }),
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      '__proto__ as a fragment',
      () => asking('{ ...__proto__ } fragment __proto__ on Query { hello }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '__proto__ as a type',
      () => asking('{ ... on __proto__ { hello } ... on constructor { hello } }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      '__proto__ as a directive',
      () => asking('{ hello @__proto__ @constructor }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a null byte in a text', () => asking('{ hello\0 }'), 400, 'GRAPHQL_PARSE_FAILED'],
    [
      'a null byte in a literal',
      () => asking('{ node(text: "a\\u0000b") { id } }'),
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a null byte in a variable', () => byVariable('String', 'text', '"a\\u0000b"'), 400, 'BAD_USER_INPUT'],
    [
      'a null byte in a name of operation',
      () => asking('query A { hello }', { operationName: '\0' }),
      400,
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a null byte in a parameter', () => router.get('query=%00%7Bhello%7D'), 400, 'GRAPHQL_PARSE_FAILED'],
    [
      'bytes that are no UTF-8 in a text',
      () =>
        router.post(
          Buffer.concat([Buffer.from('{"query":"{ h'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from(' }"}')]),
        ),
      400,
      'GRAPHQL_PARSE_FAILED',
    ],
    ['letters that look like others', () => asking('{ hеllo }'), 400, 'GRAPHQL_PARSE_FAILED'],
    ['marks that turn the direction', () => asking('{ \u202ehello }'), 400, 'GRAPHQL_PARSE_FAILED'],
    ['variables that are a list', () => asking('{ hello }', { variables: [] }), 400, 'BAD_USER_INPUT'],
    ['variables as text', () => asking('{ hello }', { variables: '{}' }), 400, 'BAD_USER_INPUT'],
    ['a number as text', () => router.post('{"query":1e999}'), 400, 'BAD_USER_INPUT'],
    [
      'a hash of a persisted query that is none',
      () => router.post('{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"__proto__"}}}'),
      400,
      'BAD_USER_INPUT',
    ],
  ])('%s', async (_what, run, status, code) => {
    const told = await run()
    expect([told.status, told.code]).toEqual([status, expect.stringMatching(code)])
    expect(told.ms).toBeLessThan(SOON_MS)
    expect(told.text.length).toBeLessThan(20_000)
  })
})

describe('odd, and answered', () => {
  it.each<[string, () => ReturnType<typeof asking>, unknown]>([
    [
      'constructor as an alias',
      () => asking('{ constructor: hello toString: hello }'),
      { constructor: 'hello', toString: 'hello' },
    ],
    [
      'toString as a variable',
      () =>
        asking(
          'query ($toString: ID, $constructor: ID) { node(id: $toString) { id node(id: $constructor) { id } } }',
        ),
      { node: { id: '1', node: { id: '2' } } },
    ],
    [
      '__proto__ among the variables',
      () => router.post('{"query":"{ hello }","variables":{"__proto__":{"x":1},"constructor":1}}'),
      { hello: 'hello' },
    ],
    [
      '__proto__ beside the query',
      () => router.post('{"query":"{ hello }","__proto__":{"operationName":"X"}}'),
      { hello: 'hello' },
    ],
    [
      'halves of surrogates',
      () => byVariable('String', 'text', '"\\ud800 \\udc00 \\u202e"'),
      { node: { id: '1' } },
    ],
    [
      'a chain of 15 fragments',
      () =>
        asking(
          `{ node { ...F0 } } ${times(15, (i) => `fragment F${i} on Node { ...F${i + 1} }`)} fragment F15 on Node { id }`,
        ),
      { node: { id: '1' } },
    ],
    ['a byte order mark', () => asking('\ufeff{ hello }'), { hello: 'hello' }],
    ['a long alias', () => asking(`{ ${'a'.repeat(5_000)}: hello }`), { ['a'.repeat(5_000)]: 'hello' }],
  ])('%s', async (_what, run, data) => {
    const { status, text } = await run()
    expect(status).toBe(200)
    expect(JSON.parse(text)).toEqual({ data })
  })
})

/** Writes `head`, then `drip` again and again, until the router closes the connection; what it said, and after how long. */
function dribble(head: string, drip: string): Promise<{ status: number; ms: number }> {
  const begin = performance.now()
  const { hostname, port } = new URL(router.url)
  const { promise, resolve } = Promise.withResolvers<{ status: number; ms: number }>()
  const socket = connect(Number(port), hostname)
  let said = ''
  socket.write(head)
  const timer = setInterval(() => socket.write(drip), 50)
  socket.on('error', () => undefined)
  socket.on('data', (data) => (said += data.toString()))
  socket.on('close', () => {
    clearInterval(timer)
    resolve({ status: Number(/^HTTP\/1.1 (\d+)/.exec(said)?.[1]), ms: performance.now() - begin })
  })
  return promise
}

it('20 MB of variables are refused by their length, before they are read', async () => {
  const begin = router.fetched()
  const head =
    'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20000000\r\n\r\n'
  const { status, ms } = await dribble(`${head}{"query":"{ hello }","variables":{"v":"`, '')
  expect(status).toBe(413)
  expect(ms).toBeLessThan(SOON_MS)
  expect(router.fetched()).toBe(begin)
})

describe('200 connections that dribble are told so and closed, while others are served', () => {
  it.each([
    ['headers', 'POST /graphql HTTP/1.1\r\nHost: a\r\n', 'X-A: b\r\n'],
    [
      'a body',
      'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n{',
      ' ',
    ],
  ])(
    '%s',
    async (_what, head, drip) => {
      const slow = Promise.all(Array.from({ length: 200 }, () => dribble(head, drip)))
      await new Promise((resolve) => setTimeout(resolve, 200))
      const { status, ms } = await asking('{ hello }')
      expect(status).toBe(200)
      expect(ms).toBeLessThan(SOON_MS)
      const ends = await slow
      expect(new Set(ends.map((end) => end.status))).toEqual(new Set([408]))
      expect(Math.max(...ends.map((end) => end.ms))).toBeLessThan(4_000)
    },
    15_000,
  )
})

const MiB = 2 ** 20

it('2,000 operations that nobody asked before are remembered in bounds', async () => {
  const fresh = (from: number) =>
    Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let i = 0; i < 100; i += 1)
          await asking(`query Q${from + lane * 100 + i} { ${times(20, (n) => `a${n}: node { id text }`)} }`)
      }),
    )
  await fresh(0)
  const before = await router.alive()
  await fresh(2_000)
  const after = await router.alive()
  expect((after - before) / MiB).toBeLessThan(8)
}, 120_000)
