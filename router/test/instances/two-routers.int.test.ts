import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createRightsReader, publishRights, RIGHTS_KEY } from '@mall/service/rights'
import { createClient } from 'graphql-ws'
import { testRedisUrl } from '@mall/testing'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startRouter, type RunningRouter } from '../../src/start.ts'
import { codesOf, startTestGraph, type Answer } from '../../src/testing/start-test-graph.ts'

const redisUrl = testRedisUrl()
const logger = createLogger({ name: 'test', level: 'silent' })
const redis = createRedis(redisUrl, logger)
// Each router has a reader of its own, as two processes would.
const readers = [createRightsReader({ redisUrl, logger }), createRightsReader({ redisUrl, logger })] as const
let graph: Awaited<ReturnType<typeof startTestGraph>>
let other: RunningRouter
const routers = new Set<RunningRouter>()
let address: Awaited<ReturnType<typeof startAddress>>
let version = 0

const publish = (permissions: string[]) =>
  publishRights(redis, { version: ++version, roles: { member: permissions }, users: {}, revokedSessions: {} })

beforeAll(async () => {
  await redis.del(RIGHTS_KEY)
  await publish(['people:read'])
  graph = await startTestGraph({ rights: readers[0] })
  other = await startRouter({ ...graph.routerOptions, rights: readers[1] })
  for (const router of [graph.router, other]) routers.add(router)
  address = await startAddress([graph.router.url, other.url])
  await Promise.all(readers.map(({ ready }) => ready))
})
afterAll(async () => {
  await Promise.all([...routers].map((router) => router.close()))
  await Promise.all([graph.running.people.close(), graph.running.scores.close(), address.close()])
  await Promise.all(readers.map((reader) => reader.close()))
  await closeRedis(redis)
})

/** A connection of its own for each request, so that each may go to another router. */
async function ask(query: string, token: string): Promise<Answer> {
  const response = await fetch(`${address.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, connection: 'close' },
    body: JSON.stringify({ query }),
  })
  return (await response.json()) as Answer
}

it('behind one address, two routers are one to their clients', async () => {
  const token = await graph.token('1')
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask('{ people { email score } }', token)))
  for (const answer of answers)
    expect(answer).toEqual({
      data: {
        people: [
          { email: 'ann@here.test', score: 10 },
          { email: 'bob@here.test', score: 20 },
        ],
      },
    })
  expect(Math.min(...address.served)).toBeGreaterThan(0)

  const events: unknown[] = []
  const client = createClient({
    url: `${address.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    shouldRetry: () => true,
    retryAttempts: 20,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 50)),
  })
  const errors: unknown[] = []
  client.subscribe(
    { query: 'subscription { renamed { name score } }' },
    {
      next: ({ data }) => void events.push(data),
      error: (error) => void errors.push(error),
      complete: () => undefined,
    },
  )
  await vi.waitFor(() => expect(events).toHaveLength(1), { timeout: 5_000 })

  // What one learns through Redis, so does the other.
  await publish([])
  await vi.waitFor(
    async () => {
      const told = await Promise.all([ask('{ people { email } }', token), ask('{ people { email } }', token)])
      const both = ['people.0.email: FORBIDDEN', 'people.1.email: FORBIDDEN']
      expect(told.map(codesOf)).toEqual([both, both])
    },
    { timeout: 5_000, interval: 50 },
  )

  // The one that the socket is at ends: the client comes back and gets what happens at the other.
  const before = events.length
  const [first, second] = address.sockets.map(({ size }) => size)
  const [leaving, left] = (first ?? 0) > (second ?? 0) ? [graph.router, 1] : [other, 0]
  address.serveOnly(left)
  routers.delete(leaving)
  await leaving.close()
  await vi.waitFor(() => expect(events.length).toBeGreaterThan(before), { timeout: 5_000 })
  graph.publish({ id: '2', name: 'Bob' })
  await vi.waitFor(() => expect(events.at(-1)).toEqual({ renamed: { name: 'Bob', score: 20 } }), {
    timeout: 5_000,
  })
  expect(errors).toEqual([])
  expect((await ask('{ best { score } }', token)).data).toEqual({ best: { score: 10 } })
  await client.dispose()
}, 20_000)

/** Passes connections on to one router after the other. */
async function startAddress(urls: readonly string[]) {
  const ports = urls.map((url) => Number(new URL(url).port))
  const served = ports.map(() => 0)
  const sockets = ports.map(() => new Set<Socket>())
  let only: number | undefined
  let turn = 0
  const listener = createServer((socket) => {
    const index = only ?? turn++ % ports.length
    served[index] = (served[index] ?? 0) + 1
    const router = connect(ports[index] ?? 0, '127.0.0.1')
    sockets[index]?.add(socket)
    socket.pipe(router).pipe(socket)
    for (const [one, its] of [
      [socket, router],
      [router, socket],
    ] as const) {
      one.on('error', () => its.destroy())
      one.on('close', () => its.destroy())
    }
    socket.on('close', () => sockets[index]?.delete(socket))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    served,
    sockets,
    serveOnly: (index: number) => void (only = index),
    close: () => new Promise((resolve) => listener.close(resolve)),
  }
}
