import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { Agent, request } from 'undici'
import { startSickGraph } from './sick-graph.ts'
import { well } from './sick-server.ts'

const REQUESTS = 10_000
/** Most of the time is spent waiting for time-outs: with so many at once, the processor is what bounds it. */
const CONCURRENCY = 100
/** So few that they are planned once, and so many that none is shared by two who ask at the same time. */
const OPERATIONS = 500

let graph: Awaited<ReturnType<typeof startSickGraph>>
beforeAll(async () => {
  const subgraphs = { breaker: { minimum: REQUESTS * 10 } }
  graph = await startSickGraph({ file: { timeouts: { default: 50 }, subgraphs } })
})
afterAll(() => graph.close())

/** What keeps this process busy, which is router, client and subgraphs in one: sockets, servers, timers by kind. */
function activeResources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return { Timeout: 0, TCPSocketWrap: 0, TCPServerWrap: 0, ...counts }
}

it(`leaves nothing behind after ${REQUESTS} cancelled and timed-out requests`, async () => {
  const before = activeResources()
  graph.first.behave(() => undefined)
  const outcomes = { cancelled: 0, timedOut: 0, other: 0 }
  const agent = new Agent({ connections: CONCURRENCY })
  let next = 0
  const clients = Array.from({ length: CONCURRENCY }, async () => {
    while (next < REQUESTS) await askOnce(next++)
  })
  await Promise.all(clients)
  expect(outcomes.other).toBe(0)
  expect(outcomes.cancelled).toBeGreaterThan(REQUESTS / 4)
  expect(outcomes.timedOut).toBeGreaterThan(REQUESTS / 4)
  // No two at a time ask the same; those whose client left at once are never sent.
  expect(graph.first.asked.length).toBeGreaterThan(REQUESTS / 2)

  // And the last is answered as the first was. Where the storm overran what the system keeps of new connections, one takes
  // a second to stand.
  graph.first.behave(well)
  await vi.waitFor(async () => expect(await post('{ total }')).toBe('{"data":{"total":7}}'), {
    timeout: 3_000,
  })

  await agent.destroy()
  expect(graph.first.open + graph.goods.open).toBe(0)
  // Connections that were opened in vain are kept for the next who asks, for ten seconds.
  await vi.waitFor(
    () => {
      expect([graph.first.open, graph.first.sockets.size, graph.goods.open]).toEqual([0, 0, 0])
      const { TCPSocketWrap, TCPServerWrap, Timeout = 0 } = activeResources()
      expect({ TCPSocketWrap, TCPServerWrap }).toEqual({
        TCPSocketWrap: before.TCPSocketWrap,
        TCPServerWrap: before.TCPServerWrap,
      })
      expect(Timeout).toBeLessThanOrEqual((before.Timeout ?? 0) + 1)
    },
    { timeout: 15_000, interval: 100 },
  )

  async function post(query: string, signal?: AbortSignal): Promise<string> {
    const { body } = await request(`${graph.router.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
      dispatcher: agent,
      ...(signal ? { signal } : {}),
    })
    return body.text()
  }

  async function askOnce(index: number): Promise<void> {
    const leaving = new AbortController()
    const timer = index % 2 === 0 ? setTimeout(() => leaving.abort(), Math.random() * 40) : undefined
    try {
      const text = await post(`query Q${index % OPERATIONS} { total }`, leaving.signal)
      if (text.includes('"TIMEOUT"')) outcomes.timedOut += 1
      else outcomes.other += 1
    } catch {
      if (leaving.signal.aborted) outcomes.cancelled += 1
      else outcomes.other += 1
    } finally {
      clearTimeout(timer)
    }
  }
}, 90_000)
