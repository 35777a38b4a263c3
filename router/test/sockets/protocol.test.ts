import { connect } from 'node:net'
import type { RightsReader } from '@mall/service/rights'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { connectSocket, openSocket, type RawSocket } from '../../src/testing/open-socket.ts'
import { startStockGraph } from '../../src/testing/start-stock-graph.ts'

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function start(options: Parameters<typeof startStockGraph>[0] = {}) {
  const graph = await startStockGraph(options)
  closers.push(() => graph.close())
  return graph
}

const eventually = (check: () => void, timeout = 4_000) => vi.waitFor(check, { timeout, interval: 10 })
const watch = 'subscription ($ids: [ID!]!) { stockChanged(skuIds: $ids) { available } }'

vi.setConfig({ testTimeout: 15_000 })

describe('a socket is closed with', () => {
  const invalid = {
    'text that is not JSON': 'nonsense',
    'a message without a type': {},
    'an unknown type': { type: 'start' },
    'a type that only servers send': { type: 'connection_ack' },
    'a subscribe without a query': { type: 'subscribe', id: '1', payload: {} },
    'a subscribe without an id': { type: 'subscribe', payload: { query: '{ nothing }' } },
    'an id of a kilobyte': { type: 'subscribe', id: 'x'.repeat(1_024), payload: { query: '{ nothing }' } },
  }
  it('4400 for what is not of the protocol', async () => {
    const { router } = await start()
    for (const [what, message] of Object.entries(invalid)) {
      const { send, closed } = await connectSocket(router)
      send(message)
      expect([what, await closed]).toEqual([what, { code: 4400, reason: 'Invalid message received' }])
    }
  })

  it('4401 for an operation before the acknowledgement', async () => {
    const { router } = await start()
    const { subscribe, closed } = await openSocket(router)
    subscribe('1', '{ nothing }')
    expect(await closed).toEqual({ code: 4401, reason: 'Unauthorized' })
  })

  it('4403 for a token that is not good, whatever its type', async () => {
    const { router } = await start()
    for (const authorization of ['Bearer nonsense', 'nonsense', 7]) {
      const { send, closed } = await openSocket(router)
      send({ type: 'connection_init', payload: { authorization } })
      expect(await closed).toEqual({ code: 4403, reason: 'Forbidden' })
    }
  })

  it('4403 within a second of its token’s end, and what ran is over at once', async () => {
    const graph = await start()
    const { subscribe, of, closed } = await connectSocket(
      graph.router,
      await graph.token('1', { seconds: 2 }),
    )
    const expiresAt = (Math.floor(Date.now() / 1_000) + 2) * 1_000
    graph.publish({ skuId: 'a', available: 1, version: 1 })
    subscribe('1', watch, { ids: ['a'] })
    await eventually(() => expect(of('1')).toHaveLength(1))
    expect((await closed).code).toBe(4403)
    expect(Date.now() - expiresAt).toBeLessThan(1_000)
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
  })

  it('4406 without the subprotocol', async () => {
    const { router } = await start()
    const { closed } = await openSocket(router, { protocols: [] })
    expect(await closed).toEqual({ code: 4406, reason: 'Subprotocol not acceptable' })
  })

  it('4408 when it does not begin within three seconds, but not later', async () => {
    const { router } = await start()
    const good = await connectSocket(router)
    const before = Date.now()
    const { closed } = await openSocket(router)
    expect(await closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' })
    expect(Date.now() - before).toBeGreaterThan(2_900)
    good.send({ type: 'ping' })
    await eventually(() => expect(good.messages.at(-1)).toEqual({ type: 'pong' }))
  })

  it('4409 for an id that is in use', async () => {
    const { router } = await start()
    for (const [id, reason] of [
      ['one', 'Subscriber for one already exists'],
      ['1'.repeat(200), 'Subscriber already exists'],
    ] as const) {
      const { subscribe, closed } = await connectSocket(router)
      subscribe(id, watch, { ids: ['a'] })
      subscribe(id, watch, { ids: ['b'] })
      expect(await closed).toEqual({ code: 4409, reason })
    }
  })

  it('4429 for a second beginning, also while the first is looked at', async () => {
    const graph = await start()
    const twice = await connectSocket(graph.router)
    twice.send({ type: 'connection_init' })
    expect(await twice.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' })
    const hasty = await openSocket(graph.router)
    const payload = { authorization: `Bearer ${await graph.token('1')}` }
    hasty.send({ type: 'connection_init', payload })
    hasty.send({ type: 'connection_init', payload })
    expect((await hasty.closed).code).toBe(4429)
  })

  it('4500 for a fault of ours, and 1013 while tokens cannot be checked', async () => {
    const broken = { ...rightsThat(() => true), viewerOf: () => JSON.parse('a fault') as null }
    for (const [rights, code] of [
      [broken, 4500],
      [rightsThat(() => false), 1013],
    ] as const) {
      const graph = await start({ rights })
      const { send, closed } = await openSocket(graph.router)
      send({ type: 'connection_init', payload: { authorization: `Bearer ${await graph.token('1')}` } })
      expect((await closed).code).toBe(code)
    }
  })

  it('1001 when the router goes, which waits for nobody long', async () => {
    const graph = await startStockGraph()
    const good = await connectSocket(graph.router)
    good.subscribe('1', watch, { ids: ['a'] })
    const silent = await connectSocket(graph.router)
    silent.socket.pause()
    const before = Date.now()
    await graph.close()
    expect(Date.now() - before).toBeLessThan(4_000)
    expect(await good.closed).toEqual({ code: 1001, reason: 'Going away' })
  })

  it('1009 for a message above 1 MB', async () => {
    const { router } = await start()
    const { send, closed } = await connectSocket(router)
    send({ type: 'ping', payload: { text: 'x'.repeat(1_100_000) } })
    expect((await closed).code).toBe(1009)
  })
})

describe('a socket', () => {
  it('answers pings with their payload, and bears pongs', async () => {
    const { router } = await start()
    const { send, messages, socket } = await openSocket(router)
    send({ type: 'ping', payload: { n: 1 } })
    send({ type: 'pong' })
    await eventually(() => expect(messages).toEqual([{ type: 'pong', payload: { n: 1 } }]))
    const pong = new Promise((resolve) => socket.once('pong', (data) => resolve(data.toString())))
    socket.ping('here?')
    expect(await pong).toBe('here?')
  })

  it('is cut off when it gives no sign of life between two pings, and kept when it does', async () => {
    const { router } = await start({ subscriptions: { heartbeat: 300 } })
    const good = await connectSocket(router)
    const dead = await openSocket(router, { autoPong: false })
    dead.send({ type: 'connection_init' })
    expect((await dead.closed).code).toBe(1006)
    good.send({ type: 'ping' })
    await eventually(() => expect(good.messages.at(-1)).toEqual({ type: 'pong' }))
  })

  it.each([
    ['messages', ({ send }: RawSocket) => send({ type: 'ping', payload: { text: 'x'.repeat(500_000) } })],
    [
      'pings',
      ({ socket }: RawSocket) => {
        for (let n = 0; n < 2_000; n += 1) socket.ping('x'.repeat(125))
      },
    ],
  ])('is cut off when it sends many %s and reads no answer', async (_what, ask) => {
    const { router } = await start()
    const raw = await connectSocket(router)
    raw.socket.pause()
    const asking = setInterval(() => raw.socket.readyState === raw.socket.OPEN && ask(raw), 1)
    closers.push(() => clearInterval(asking))
    await eventually(() => expect(raw.socket.readyState).not.toBe(raw.socket.OPEN), 10_000)
    raw.socket.resume()
    expect((await raw.closed).code).toBe(1006)
  })

  it('runs a hundred operations of two thousand, and lives on', async () => {
    const graph = await start()
    graph.publish({ skuId: 'a', available: 1, version: 1 })
    const { subscribe, of, send, messages, socket } = await connectSocket(graph.router)
    for (let n = 0; n < 2_000; n += 1) subscribe(`o${n}`, watch, { ids: ['a'] })
    await eventually(() => expect(messages.filter(({ type }) => type === 'error')).toHaveLength(1_900))
    expect(of('o100')[0]?.payload).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
    await eventually(() => expect(messages.filter(({ type }) => type === 'next')).toHaveLength(100))
    send({ type: 'complete', id: 'o0' })
    subscribe('again', watch, { ids: ['a'] })
    await eventually(() => expect(of('again')).toMatchObject([{ type: 'next' }]))
    expect(socket.readyState).toBe(socket.OPEN)
  })

  it('gives an operation with a fault its error, and the others their events', async () => {
    const graph = await start()
    const { subscribe, of, socket } = await connectSocket(graph.router)
    subscribe('good', watch, { ids: ['a'] })
    subscribe('syntax', 'subscription { stockChanged(')
    subscribe('unknown', 'subscription { nothing }')
    subscribe('variables', watch, {})
    await eventually(() =>
      expect(['syntax', 'unknown', 'variables'].map((id) => of(id)[0]?.payload[0]?.extensions.code)).toEqual([
        'GRAPHQL_PARSE_FAILED',
        'GRAPHQL_VALIDATION_FAILED',
        'BAD_USER_INPUT',
      ]),
    )
    await eventually(() => expect(graph.counts.subscriptions).toBe(1))
    graph.publish({ skuId: 'a', available: 3, version: 1 })
    await eventually(() =>
      expect(of('good')).toEqual([
        { id: 'good', type: 'next', payload: { data: { stockChanged: { available: 3 } } } },
      ]),
    )
    expect(socket.readyState).toBe(socket.OPEN)
  })

  it('gives nothing more of an operation that it has completed', async () => {
    const graph = await start()
    graph.publish({ skuId: 'a', available: 1, version: 1 })
    const { subscribe, send, of } = await connectSocket(graph.router)
    subscribe('1', watch, { ids: ['a'] })
    await eventually(() => expect(of('1')).toHaveLength(1))
    send({ type: 'complete', id: '1' })
    subscribe('2', '{ nothing }')
    await eventually(() => expect(of('2').map(({ type }) => type)).toEqual(['next', 'complete']))
    graph.publish({ skuId: 'a', available: 2, version: 2 })
    await eventually(() => expect(graph.counts.subscriptions).toBe(0))
    expect(of('1')).toHaveLength(1)
  })

  it('is answered 404 elsewhere than at /graphql', async () => {
    const { router } = await start()
    const { hostname, port } = new URL(router.url)
    const plain = connect(Number(port), hostname)
    plain.write('GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const answer = await new Promise((resolve) => plain.once('data', (data) => resolve(data.toString())))
    expect(answer).toContain('404 Not Found')
    plain.destroy()
  })
})

function rightsThat(isReady: () => boolean): RightsReader {
  return {
    ready: Promise.resolve(),
    isReady,
    viewerOf: ({ sub, sid, roles }) => ({ id: sub, roles, scopes: [], sessionId: sid }),
    onChange: () => () => undefined,
    close: () => Promise.resolve(),
  }
}
