import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { startSickGraph, type Told } from './sick-graph.ts'
import { send, well, type Behaviour } from './sick-server.ts'

const TIMEOUT_MS = 400
let graph: Awaited<ReturnType<typeof startSickGraph>>
beforeAll(async () => {
  const subgraphs = {
    maxResponseBytes: 100_000,
    // Every fault here is met afresh.
    breaker: { minimum: 10_000 },
    retryBudget: 1,
  }
  graph = await startSickGraph({ file: { timeouts: { default: TIMEOUT_MS }, subgraphs } })
})
afterAll(() => graph.close())
afterEach(() => graph.first.behave(well))

const html = '<html><body>Bad gateway at 10.1.2.3 <pre>Error: secret at /srv/app.js:1</pre></body></html>'
const stack = { message: 'secret', extensions: { stacktrace: ['at /srv/app.js:1'], code: 'SECRET' } }

/** Nothing of the inside: no address, name of a subgraph, text of another's error. */
function expectNothingLeaked({ text }: Told): void {
  expect(text).not.toMatch(
    /127\.0\.0\.1|10\.1\.2\.3|stock|goods|secret|stack|srv|html|ECONN|UND_ERR|_entities/i,
  )
}

const unavailable = ['items.0.count: UNAVAILABLE', 'items.1.count: UNAVAILABLE']
const tooLong = ['items.0.count: TIMEOUT', 'items.1.count: TIMEOUT']
const internal = ['items.0.count: INTERNAL_SERVER_ERROR', 'items.1.count: INTERNAL_SERVER_ERROR']

const faults: readonly (readonly [string, Behaviour, readonly string[]])[] = [
  ['never answers', () => undefined, tooLong],
  ['answers 500 with HTML', (response) => send(response, html, 500), unavailable],
  ['answers 200 with HTML', (response) => send(response, html), unavailable],
  ['answers 502', (response) => send(response, html, 502), unavailable],
  ['answers JSON that is cut off', (response) => send(response, '{"data":{"_entities":[{"cou'), unavailable],
  ['answers JSON that is not GraphQL', (response) => send(response, '["secret"]'), unavailable],
  ['answers nothing', (response) => send(response, ''), unavailable],
  ['resets the connection before the headers', (response) => reset(response), unavailable],
  [
    'resets the connection in the headers',
    (response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\ncontent-ty')
      reset(response)
    },
    unavailable,
  ],
  [
    'resets the connection in the body',
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 })
      response.write('{"data":{"_entities":[')
      setTimeout(() => reset(response), 20)
    },
    unavailable,
  ],
  [
    'sends headers drop by drop',
    (response) => drip(response, 'HTTP/1.1 200 OK\r\nx-a: b\r\n', 'x-a: b\r\n'),
    tooLong,
  ],
  [
    'sends the body drop by drop',
    (response) => drip(response, 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\n \r\n'),
    tooLong,
  ],
  ['sends a body without end', (response) => flood(response), unavailable],
  ['gives an entity too many', entities('[{"count":1},{"count":2},{"count":3}]'), internal],
  ['gives an entity too few', entities('[{"count":1}]'), internal],
  ['gives entities that are no list', entities('"secret"'), internal],
  ['gives values of other types', entities('[{"count":"secret"},{"count":{"secret":1}}]'), internal],
  [
    'tells errors with stacks',
    (response) => send(response, JSON.stringify({ data: null, errors: [stack] })),
    internal,
  ],
  [
    'tells an error with the path of an entity',
    (response) => {
      const told = { ...stack, path: ['_entities', 1, 'count'] }
      send(response, JSON.stringify({ data: { _entities: [{ count: 1 }, null] }, errors: [told] }))
    },
    internal.slice(1),
  ],
]

describe('a subgraph that', () => {
  it.each(faults)('%s costs only its own fields', async (_what, behaviour, errors) => {
    graph.first.behave(behaviour)
    const told = await graph.ask('{ items { name count } hello }')
    expect([told.status, told.errors]).toEqual([200, errors])
    const count = errors.length === 1 ? 1 : null
    expect(told.data).toEqual({
      items: [
        { name: 'Pen', count },
        { name: 'Ink', count: null },
      ],
      hello: 'hello',
    })
    expect(told.ms).toBeLessThan(TIMEOUT_MS + 500)
    expectNothingLeaked(told)
    await vi.waitFor(() => expect(graph.first.open).toBe(0), { timeout: 1_000 })
  })

  it.each(faults.slice(0, 13))(
    '%s is told at a root field, whose null goes as far as it must',
    async (_what, behaviour, errors) => {
      graph.first.behave(behaviour)
      const told = await graph.ask('{ strict hello }')
      const code = errors === tooLong ? 'TIMEOUT' : 'UNAVAILABLE'
      expect([told.status, told.data, told.errors]).toEqual([200, null, [`strict: ${code}`]])
      expectNothingLeaked(told)
    },
  )

  it('is down costs only its own fields', async () => {
    const own = await startSickGraph()
    await own.first.kill()
    const told = await own.ask('{ items { name count } }')
    expect([told.status, told.errors]).toEqual([200, unavailable])
    expectNothingLeaked(told)
    await own.first.start()
    await own.close()
  })

  it('is well again is asked again', async () => {
    expect((await graph.ask('{ items { count } }')).data).toEqual({ items: [{ count: 10 }, { count: 20 }] })
  })
})

describe('a request to a subgraph', () => {
  it('carries the deadline: the timeout, or what is left of the operation', async () => {
    graph.first.asked.length = 0
    const before = Date.now()
    await graph.ask('{ total }')
    const deadline = Number(graph.first.asked[0]?.headers['x-deadline'])
    expect(deadline).toBeGreaterThanOrEqual(before + TIMEOUT_MS)
    expect(deadline).toBeLessThanOrEqual(Date.now() + TIMEOUT_MS)

    const hasty = await startSickGraph({ file: { operationTimeout: 150 } })
    const from = Date.now()
    hasty.first.behave(() => undefined)
    const told = await hasty.ask('{ total }')
    expect(told.errors).toEqual(['total: TIMEOUT'])
    expect(told.ms).toBeLessThan(400)
    expect(Number(hasty.first.asked[0]?.headers['x-deadline'])).toBeLessThanOrEqual(from + 350)
    await hasty.close()
  })

  it('is given up when its client leaves', async () => {
    graph.first.behave(() => undefined)
    const leaving = new AbortController()
    const asked = graph.ask('{ total }', leaving.signal)
    await vi.waitFor(() => expect(graph.first.open).toBe(1))
    leaving.abort()
    await expect(asked).rejects.toThrow()
    await vi.waitFor(() => expect(graph.first.open).toBe(0), { timeout: 200, interval: 10 })
  })
})

function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
}

/** Says a little every so often, and never comes to an end. */
function drip(response: ServerResponse, first: string, drop: string): void {
  const { socket } = response
  socket?.write(first)
  const timer = setInterval(() => socket?.write(drop), 50)
  socket?.once('close', () => clearInterval(timer))
}

function flood(response: ServerResponse): void {
  const chunk = Buffer.alloc(16_384, ' ')
  response.writeHead(200, { 'content-type': 'application/json' })
  const pour = () => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', pour)
  pour()
}

/** Answers a list of entities as it is given. */
function entities(list: string): Behaviour {
  return (response) => send(response, `{"data":{"_entities":${list}}}`)
}
