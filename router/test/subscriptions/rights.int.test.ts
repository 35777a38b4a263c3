import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createRightsReader, publishRights, RIGHTS_KEY } from '@mall/service/rights'
import { createClient } from 'graphql-sse'
import { testRedisUrl } from '@mall/testing'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { connectSocket } from '../../src/testing/open-socket.ts'
import { startStockGraph, type StockGraph } from '../../src/testing/start-stock-graph.ts'

const redisUrl = testRedisUrl()
const logger = createLogger({ name: 'test', level: 'silent' })
const redis = createRedis(redisUrl, logger)
const rights = createRightsReader({ redisUrl, logger })
let graph: StockGraph
let version = 0

const publish = (roles: Record<string, string[]>, revokedSessions = {}) =>
  publishRights(redis, { version: ++version, roles, users: {}, revokedSessions })
const seen = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 10 })
const withinASecond = (check: () => void) => vi.waitFor(check, { timeout: 1_000, interval: 10 })

const costs = 'subscription { stockChanged(skuIds: ["a"]) { available sku { cost } } }'
const plain = 'subscription { stockChanged(skuIds: ["a"]) { available } }'

beforeAll(async () => {
  await redis.del(RIGHTS_KEY)
  graph = await startStockGraph({ rights })
  graph.publish({ skuId: 'a', available: 1, version: 1 })
})
beforeEach(async () => {
  await publish({ buyer: ['stock:cost'], auditor: ['stock:cost'] })
  await rights.ready
  // The reader follows the announcement.
  await seen(() =>
    expect(rights.viewerOf({ sub: '1', sid: 's', roles: ['buyer'] })?.scopes).toEqual(['stock:cost']),
  )
})
afterAll(async () => {
  await graph.close()
  await rights.close()
  await closeRedis(redis)
})

it('a lost scope ends, within a second, that client’s part of what is shared; everything else goes on', async () => {
  const buyer = await connectSocket(graph.router, await graph.token('1', { roles: ['buyer'] }))
  const auditor = await connectSocket(graph.router, await graph.token('2', { roles: ['auditor'] }))
  for (const { subscribe } of [buyer, auditor]) {
    subscribe('costs', costs)
    subscribe('plain', plain)
  }
  for (const { of } of [buyer, auditor])
    await seen(() => expect([of('costs').length, of('plain').length]).toEqual([1, 1]))
  expect(graph.counts.opened).toBe(2)

  await publish({ auditor: ['stock:cost'] })
  await withinASecond(() => expect(buyer.of('costs').at(-1)?.type).toBe('error'))
  expect(buyer.of('costs').at(-1)?.payload).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  graph.publish({ skuId: 'a', available: 2, version: 2 })
  for (const events of [auditor.of('costs'), auditor.of('plain'), buyer.of('plain')])
    expect(events.every(({ type }) => type === 'next')).toBe(true)
  await seen(() => expect(auditor.of('costs').at(-1)?.payload.data.stockChanged.available).toBe(2))
  await seen(() => expect(buyer.of('plain').at(-1)?.payload.data.stockChanged.available).toBe(2))
  expect(buyer.of('costs')).toHaveLength(2)
  expect(buyer.socket.readyState).toBe(buyer.socket.OPEN)
  for (const { socket } of [buyer, auditor]) socket.terminate()
  await seen(() => expect(graph.counts.subscriptions).toBe(0))
})

it('other scopes that still suffice move a client to those who have the same', async () => {
  const opened = graph.counts.opened
  const buyer = await connectSocket(graph.router, await graph.token('1', { roles: ['buyer'] }))
  buyer.subscribe('1', costs)
  await seen(() => expect(buyer.of('1')).toHaveLength(1))
  await publish({ buyer: ['stock:cost', 'stock:write'] })
  await seen(() => expect(buyer.of('1')).toHaveLength(2))
  expect(graph.counts.opened).toBe(opened + 2)
  await seen(() => expect(graph.counts.subscriptions).toBe(1))
  graph.publish({ skuId: 'a', available: 3, version: 3 })
  await seen(() =>
    expect(buyer.of('1').at(-1)?.payload.data.stockChanged).toEqual({ available: 3, sku: { cost: 7 } }),
  )
  expect(buyer.of('1')).toHaveLength(3)
  buyer.socket.terminate()
})

it('a revoked session ends its socket with 4403 and its event stream with an error', async () => {
  const token = await graph.token('1', { roles: ['buyer'], sid: 'revoked' })
  const socket = await connectSocket(graph.router, token)
  const other = await connectSocket(graph.router, await graph.token('1', { roles: ['buyer'], sid: 'good' }))
  const client = createClient({
    url: `${graph.router.url}/graphql`,
    retryAttempts: 0,
    headers: { authorization: `Bearer ${token}` },
  })
  const events: unknown[] = []
  let isDone = false
  client.subscribe(
    { query: costs },
    {
      next: (event) => void events.push(event),
      error: () => undefined,
      complete: () => void (isDone = true),
    },
  )
  for (const { subscribe } of [socket, other]) subscribe('1', costs)
  await seen(() => expect([events.length, socket.of('1').length, other.of('1').length]).toEqual([1, 1, 1]))

  await publish({ buyer: ['stock:cost'] }, { revoked: Date.now() + 60_000 })
  await withinASecond(() => expect(socket.socket.readyState).toBe(socket.socket.CLOSED))
  expect((await socket.closed).code).toBe(4403)
  await withinASecond(() => expect(isDone).toBe(true))
  expect(events.at(-1)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  graph.publish({ skuId: 'a', available: 4, version: 4 })
  await seen(() => expect(other.of('1').at(-1)?.payload.data.stockChanged.available).toBe(4))
  other.socket.terminate()
})
