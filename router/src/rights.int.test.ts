import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createRightsReader, publishRights, RIGHTS_KEY } from '@mall/service/rights'
import { createClient } from 'graphql-ws'
import { testRedisUrl } from '@mall/testing'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { codesOf, startTestGraph } from './testing/start-test-graph.ts'

const redisUrl = testRedisUrl()
const logger = createLogger({ name: 'test', level: 'silent' })
const redis = createRedis(redisUrl, logger)
const rights = createRightsReader({ redisUrl, logger })
let graph: Awaited<ReturnType<typeof startTestGraph>>
let version = 0

const publish = (permissions: string[], revokedSessions = {}) =>
  publishRights(redis, { version: ++version, roles: { member: permissions }, users: {}, revokedSessions })

beforeAll(async () => {
  await redis.del(RIGHTS_KEY)
  graph = await startTestGraph({ rights })
})
afterAll(async () => {
  await graph.close()
  await rights.close()
  await closeRedis(redis)
})

it('refuses tokens as UNAVAILABLE until rights are known, and then follows them within a second', async () => {
  const token = await graph.token('1')
  const early = await graph.ask('{ people { email } }', { token })
  expect([early.status, codesOf(early.body)]).toEqual([503, [': UNAVAILABLE']])
  expect((await fetch(`${graph.router.url}/readyz`)).status).toBe(503)

  await publish(['people:read'])
  await rights.ready
  expect((await graph.ask('{ people { email } }', { token })).body.errors).toBeUndefined()

  const errors: unknown[] = []
  let events = 0
  const closed: unknown[] = []
  const client = createClient({
    url: `${graph.router.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: { closed: (event) => void closed.push(event) },
  })
  const subscribe = (query: string) =>
    client.subscribe(
      { query },
      {
        next: () => void (events += 1),
        error: (error) => void errors.push(error),
        complete: () => undefined,
      },
    )
  subscribe('subscription { ticks { id } }')
  subscribe('subscription { renamed { id } }')
  const withinASecond = { timeout: 1_000, interval: 10 }
  await vi.waitFor(() => expect(events).toBe(2), { timeout: 5_000 })

  await publish([])
  await vi.waitFor(
    () => expect(errors).toMatchObject([[{ extensions: { code: 'FORBIDDEN' } }]]),
    withinASecond,
  )
  expect(codesOf((await graph.ask('{ best { name sealed } }', { token })).body)).toEqual([
    'best.sealed: FORBIDDEN',
  ])
  expect(closed).toEqual([])

  await publish([], { s1: Date.now() + 60_000 })
  await vi.waitFor(() => expect(closed).toMatchObject([{ code: 4403 }]), withinASecond)
  expect((await graph.ask('{ best { name } }', { token })).status).toBe(401)
  await client.dispose()
})
