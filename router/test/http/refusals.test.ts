import { afterEach, describe, expect, it, vi } from 'vitest'
import { limitsSchema } from '../../src/limits/config.ts'
import { startLibrary } from '../../src/partners/testing/start-library.ts'
import { rateLimitsSchema } from '../../src/rate-limits/config.ts'
import { persistedSchema } from '../../src/persisted/config.ts'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { startTestGraph, type Answer } from '../../src/testing/start-test-graph.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})
async function start(file: NonNullable<Parameters<typeof startTestGraph>[0]>['file'] = {}) {
  const graph = await startTestGraph({ file })
  closers.push(() => graph.close())
  return graph
}
type Graph = Awaited<ReturnType<typeof start>>

/** What each way of asking ends in: HTTP, a socket, an event stream. */
const ways: Readonly<Record<string, (graph: Graph, query: string) => Promise<string | undefined>>> = {
  async HTTP(graph, query) {
    return (await graph.ask(query)).body.errors?.[0]?.extensions.code
  },
  async 'a socket'(graph, query) {
    const socket = await connectSocket(graph.router)
    socket.subscribe('1', query)
    await vi.waitFor(() => expect(socket.of('1').length).toBeGreaterThan(0))
    socket.socket.terminate()
    const [message] = socket.of('1')
    return message?.type === 'error' ? message.payload[0]?.extensions.code : undefined
  },
  async 'an event stream'(graph, query) {
    const response = await fetch(`${graph.router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    })
    const text = await response.text()
    const answer = JSON.parse(/data: (.+)/.exec(text)?.[1] ?? text) as Answer
    return answer.errors?.[0]?.extensions.code
  },
}

describe.each(Object.entries(ways))('%s', (_way, codeOf) => {
  it('counts for the rate of its address, and is refused beyond it', async () => {
    const graph = await start({ rateLimits: rateLimitsSchema.parse({ queries: { address: 3, user: 3 } }) })
    const codes = []
    for (let i = 0; i < 4; i += 1) codes.push(await codeOf(graph, '{ caller }'))
    expect(codes).toEqual([undefined, undefined, undefined, 'RATE_LIMITED'])
    // Whatever it comes by next.
    const { status } = await graph.ask('{ caller }')
    expect(status).toBe(429)
    for (const path of ['/healthz', '/readyz'])
      expect((await fetch(graph.router.url + path)).status).toBe(200)
  })

  it('is turned away where too much runs, and served afterwards', async () => {
    const graph = await start({ concurrency: { running: 1, waiting: 0, waitFor: 100 } })
    const running = graph.ask('{ pause(ms: 400) }')
    await vi.waitFor(() => expect(graph.counts.requests).toBe(1))
    expect(await codeOf(graph, '{ best { name } }')).toBe('OVERLOADED')
    for (const path of ['/healthz', '/readyz'])
      expect((await fetch(graph.router.url + path)).status).toBe(200)
    expect((await running).body.data).toEqual({ pause: 'done' })
    expect(await codeOf(graph, '{ best { name } }')).toBeUndefined()
  })

  it('is refused for its cost and for the schema, and suggests no names', async () => {
    const graph = await start({ limits: limitsSchema.parse({ cost: 5 }), introspection: 'never' })
    expect(await codeOf(graph, '{ people { id } }')).toBe('COST_EXCEEDED')
    expect(await codeOf(graph, '{ __schema { queryType { name } } }')).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(await codeOf(graph, '{ callr }')).toBe('GRAPHQL_VALIDATION_FAILED')
    expect((await graph.ask('{ callr }')).text).not.toMatch(/did you mean|caller/i)
  })
})

it.each(Object.entries(ways))(
  'by %s what is not registered is refused where that is enforced',
  async (_way, codeOf) => {
    const graph = await start({ persisted: persistedSchema.parse({ mode: 'enforce' }) })
    expect(await codeOf(graph, '{ caller }')).toBe('QUERY_NOT_IN_SAFELIST')
  },
)

describe("partners' routes", () => {
  it('need no registration', async () => {
    const library = await startLibrary({
      keys: [],
      file: { persisted: persistedSchema.parse({ mode: 'enforce' }) },
    })
    closers.push(() => library.close())
    expect((await fetch(`${library.url}/v1/books`)).status).toBe(200)
  })

  it('answer 429 as a problem with a time', async () => {
    const library = await startLibrary({
      keys: [],
      file: { rateLimits: rateLimitsSchema.parse({ queries: { address: 25, user: 25 } }) },
    })
    closers.push(() => library.close())
    const statuses = []
    for (let i = 0; i < 30; i += 1) statuses.push((await fetch(`${library.url}/v1/books`)).status)
    expect([statuses[0], statuses.at(-1)]).toEqual([200, 429])
    const refused = await fetch(`${library.url}/v1/books`)
    expect(refused.headers.get('content-type')).toContain('application/problem+json')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
  })
})
