import { connect, createServer, type AddressInfo } from 'node:net'
import { invalidateCacheTags } from '@mall/service/cache-tags'
import { createLogger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import { testRedisUrl } from '@mall/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ask, composeSupergraph } from '../../test/faults/sick-graph.ts'
import { startSickServer, type Behaviour, type SickServer } from '../../test/faults/sick-server.ts'
import { readMetrics } from '../testing/read-metrics.ts'
import { startRouter, type RouterOptions, type RunningRouter } from '../start.ts'

const redisUrl = testRedisUrl()
const logger = createLogger({ name: 'test', level: 'silent' })
const redis = createRedis(redisUrl, logger)

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@cacheTag", "@policy"])`
const listSdl = `${link}
  type Query { items(ids: [ID!]!): [Item!] }
  type Mutation { touch(id: ID!): Item }
  type Item @key(fields: "id") { id: ID! }`
const goodsSdl = `${link}
  type Query { item(id: ID!): Item @cacheTag(format: "item-{$args.id}") me: Person untagged: String }
  type Mutation { reprice(id: ID!): Item }
  type Person { name: String }
  type Item @key(fields: "id") @cacheTag(format: "item-{$key.id}") {
    id: ID! price: Int secret: String @policy(policies: [["owner"]]) dear(above: Int!): Boolean }`

let prices: Record<string, number>
let list: SickServer
let goods: SickServer
let options: RouterOptions
let router: RunningRouter

const itemOf = ({ id }: { id: string }) => {
  const price = prices[id]
  return price === undefined
    ? null
    : { __typename: 'Item', id, price, secret: 's', dear: ({ above }: { above: number }) => price > above }
}

/** Answers well, with a Cache-Control header, or none. */
const saying =
  (cacheControl?: string): Behaviour =>
  async (response, wellAnswer) => {
    const headers = {
      'content-type': 'application/json',
      ...(cacheControl ? { 'cache-control': cacheControl } : {}),
    }
    response.writeHead(200, headers).end(await wellAnswer())
  }

beforeAll(async () => {
  list = await startSickServer(listSdl, {
    Query: { items: (_, { ids }: { ids: string[] }) => ids.map((id) => ({ id })) },
    Mutation: { touch: (_, args: { id: string }) => args },
  })
  goods = await startSickServer(goodsSdl, {
    Query: {
      item: (_, args: { id: string }) => itemOf(args),
      me: () => ({ name: 'Ann' }),
      untagged: () => 'u',
    },
    Mutation: { reprice: (_, args: { id: string }) => itemOf(args) },
    Item: {
      __resolveReference: itemOf,
      dear: ({ price }: { price: number }, { above }: { above: number }) => price > above,
    },
  })
  options = {
    supergraphSdl: composeSupergraph([
      { name: 'list', url: list.url, sdl: listSdl },
      { name: 'goods', url: goods.url, sdl: goodsSdl },
    ]),
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys: [{ id: 'test', secret: 'a-secret-for-this-test' }],
    file: { forward: [], timeouts: {}, operationTimeout: 5_000, trustedProxies: [], playground: false },
    subgraphUrls: new Map(),
    rights: null,
    cacheRedisUrl: redisUrl,
    metrics: { host: '127.0.0.1', port: 0 },
    isProduction: true,
    logger,
  }
  router = await startRouter(options)
})
afterAll(async () => {
  await router.close()
  await Promise.all([list.kill(), goods.kill()])
  await closeRedis(redis)
})
beforeEach(() => {
  prices = { '1': 10, '2': 20, '3': 30 }
  goods.behave(saying('max-age=60'))
})
afterEach(async () => {
  await redis.flushdb()
})

/** The answer's data, and how many requests the subgraph got for it; later than 100 ms, so that none is shared in flight. */
async function asked(query: string, url = router.url) {
  await new Promise((resolve) => setTimeout(resolve, 110))
  goods.asked.length = 0
  const { data, errors } = await ask(url, query)
  return { data, errors, requests: goods.asked.length }
}

describe('entities', () => {
  const query = (ids: string) => `{ items(ids: [${ids}]) { id price } }`

  it('are kept each by itself: only what is missing is fetched, and put in its place', async () => {
    expect(await asked(query('1, 2'))).toMatchObject({ requests: 1 })
    expect(await asked(query('2, 1'))).toMatchObject({
      requests: 0,
      data: {
        items: [
          { id: '2', price: 20 },
          { id: '1', price: 10 },
        ],
      },
    })
    const { data, requests } = await asked(query('1, 3, 2'))
    expect([requests, data]).toEqual([
      1,
      {
        items: [
          { id: '1', price: 10 },
          { id: '3', price: 30 },
          { id: '2', price: 20 },
        ],
      },
    ])
    expect(goods.asked[0]?.body).toContain('"representations":[{"__typename":"Item","id":"3"}]')
  })

  it('are forgotten at once when their tag is invalidated, the others are not', async () => {
    await asked(query('1, 2'))
    prices = { '1': 11, '2': 22 }
    await invalidateCacheTags(redis, ['item-1'])
    expect(await asked(query('1, 2'))).toMatchObject({
      requests: 1,
      data: { items: [{ price: 11 }, { price: 20 }] },
    })
    expect(await asked(query('1, 2'))).toMatchObject({
      requests: 0,
      data: { items: [{ price: 11 }, { price: 20 }] },
    })
  })

  it('that are invalidated while they are fetched are not kept', async () => {
    goods.behave(async (response, wellAnswer, request) => {
      const old = await wellAnswer()
      prices = { '1': 11 }
      await invalidateCacheTags(redis, ['item-1'])
      await saying('max-age=60')(response, () => Promise.resolve(old), request)
    })
    expect(await asked(query('1'))).toMatchObject({ data: { items: [{ price: 10 }] } })
    goods.behave(saying('max-age=60'))
    expect(await asked(query('1'))).toMatchObject({ requests: 1, data: { items: [{ price: 11 }] } })
  })

  it('are told apart by fields, arguments and variables', async () => {
    await asked('{ items(ids: [1]) { dear(above: 5) } }')
    expect(await asked('{ items(ids: [1]) { dear(above: 50) } }')).toMatchObject({
      requests: 1,
      data: { items: [{ dear: false }] },
    })
    expect(await asked('{ items(ids: [1]) { price dear(above: 5) } }')).toMatchObject({ requests: 1 })
    expect(await asked('{ items(ids: [1]) { dear(above: 5) } }')).toMatchObject({
      requests: 0,
      data: { items: [{ dear: true }] },
    })
  })

  it('are kept also where several fetches are one request', async () => {
    const query = '{ a: items(ids: [1, 2]) { price } b: items(ids: [2, 3]) { dear(above: 25) } }'
    const data = {
      a: [{ price: 10 }, { price: 20 }],
      b: [{ dear: false }, { dear: true }],
    }
    expect(await asked(query)).toMatchObject({ requests: 1, data })
    expect(goods.asked[0]?.body).toContain('e1:_entities')
    expect(await asked(query)).toMatchObject({ requests: 0, data })
    await invalidateCacheTags(redis, ['item-3'])
    expect(await asked(query)).toMatchObject({ requests: 1, data })
    expect(goods.asked[0]?.body).toMatch(/"representations0":\[\],"representations1":\[[^,]*,"id":"3"}\]/)
  })

  it('of another number than were asked are an error, also beside kept ones', async () => {
    await asked(query('1'))
    goods.behave((response) => response.end('{"data":{"_entities":[{"price":1},{"price":2}]}}'))
    expect(await asked(query('1, 2'))).toMatchObject({
      errors: ['items.0.price: INTERNAL_SERVER_ERROR', 'items.1.price: INTERNAL_SERVER_ERROR'],
    })
  })

  it('are kept no longer than the subgraph allows', async () => {
    goods.behave(saying('max-age=1'))
    await asked(query('1'))
    expect(await asked(query('1'))).toMatchObject({ requests: 0 })
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(await asked(query('1'))).toMatchObject({ requests: 1 })
  })

  it('with an error are not kept, and the error is at its own place', async () => {
    await asked(query('1'))
    goods.behave((response) => {
      const error = { message: 'no', path: ['_entities', 0, 'price'], extensions: { code: 'FORBIDDEN' } }
      response.setHeader('cache-control', 'max-age=60')
      response.end(JSON.stringify({ data: { _entities: [{ price: null }] }, errors: [error] }))
    })
    const { errors, data } = await asked(query('1, 2'))
    expect([errors, data]).toEqual([
      ['items.1.price: FORBIDDEN'],
      {
        items: [
          { id: '1', price: 10 },
          { id: '2', price: null },
        ],
      },
    ])
    goods.behave(saying('max-age=60'))
    expect(await asked(query('1, 2'))).toMatchObject({
      requests: 1,
      data: { items: [{ price: 10 }, { price: 20 }] },
    })
  })
})

describe('whole answers', () => {
  it('are kept by their root fields and arguments, and forgotten by their tags', async () => {
    const query = (id: string) => `{ item(id: ${id}) { price } }`
    await asked(query('1'))
    expect(await asked(query('1'))).toMatchObject({ requests: 0, data: { item: { price: 10 } } })
    expect(await asked(query('2'))).toMatchObject({ requests: 1 })
    prices = { '1': 11, '2': 22 }
    await invalidateCacheTags(redis, ['item-1'])
    expect(await asked(query('1'))).toMatchObject({ requests: 1, data: { item: { price: 11 } } })
    expect(await asked(query('2'))).toMatchObject({ requests: 0, data: { item: { price: 20 } } })
  })

  it('are the same at every router', async () => {
    const other = await startRouter(options)
    await asked('{ item(id: 1) { price } }')
    expect(await asked('{ item(id: 1) { price } }', other.url)).toMatchObject({ requests: 0 })
    await other.close()
  })
})

describe('never kept is', () => {
  it.each([undefined, 'private', 'private, max-age=60', 'no-store', 'max-age=0'])(
    'what says %s',
    async (header) => {
      goods.behave(saying(header))
      for (const query of ['{ item(id: 1) { price } }', '{ items(ids: [1]) { price } }']) {
        await asked(query)
        expect(await asked(query)).toMatchObject({ requests: 1 })
      }
    },
  )

  it.each([
    '{ me { name } }',
    '{ untagged }',
    '{ item(id: 1) { secret } }',
    '{ items(ids: [1]) { secret } }',
    '{ item(id: 1) { price } untagged }',
  ])('what has no tag or is guarded, whatever the subgraph says: %s', async (query) => {
    await asked(query)
    expect(await asked(query)).toMatchObject({ requests: 1 })
    expect(await redis.dbsize()).toBe(0)
  })

  it('what a mutation fetches, nor is anything read for it', async () => {
    await asked('{ items(ids: [1]) { price } }')
    prices = { '1': 11 }
    for (const mutation of ['reprice', 'touch'])
      expect(await asked(`mutation { ${mutation}(id: 1) { price } }`)).toMatchObject({
        requests: 1,
        data: { [mutation]: { price: 11 } },
      })
  })
})

const lookups = async (of: RunningRouter) => {
  const metrics = await readMetrics(of)
  return ['hit', 'miss', 'error'].map((one) =>
    metrics.of(`router_answer_cache_lookups_total{result="${one}"}`),
  )
}

it('what is looked up is counted, but for what is never kept', async () => {
  const counted = await startRouter(options)
  await asked('{ items(ids: [1, 2]) { price } }', counted.url)
  expect(await lookups(counted)).toEqual([0, 2, 0])
  await asked('{ items(ids: [1, 2, 3]) { price } item(id: 1) { price } untagged }', counted.url)
  expect(await lookups(counted)).toEqual([2, 3, 0])
  await asked('{ item(id: 2) { price } }', counted.url)
  await asked('{ item(id: 2) { price } }', counted.url)
  expect(await lookups(counted)).toEqual([3, 4, 0])
  await counted.close()
})

it('what is never kept is not looked for any more, until it is tried again', async () => {
  const query = '{ item(id: 3) { id price } }'
  const line = await openLine()
  const watched = await startRouter({ ...options, cacheRedisUrl: line.url })
  goods.behave(saying('no-store'))
  for (let index = 0; index < 15; index++)
    expect(await asked(query, watched.url)).toMatchObject({ requests: 1 })
  expect(line.lookups()).toBe(10)

  goods.behave(saying('max-age=60'))
  const later = Date.now() + 11_000
  vi.useFakeTimers({ toFake: ['Date'], now: later })
  expect(await asked(query, watched.url)).toMatchObject({ requests: 1 })
  expect(await asked(query, watched.url)).toMatchObject({ requests: 0, data: { item: { price: 30 } } })
  vi.useRealTimers()
  await watched.close()
  await line.close()
})

/** A way to Redis that counts what is looked for. MONITOR would not do: its client breaks where others are busy. */
async function openLine() {
  const { hostname, port, pathname } = new URL(redisUrl)
  let sent = ''
  const server = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port) })
    near.on('data', (data) => (sent += data.toString('latin1')))
    near.pipe(far).pipe(near)
    for (const one of [near, far]) one.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    lookups: () => sent.match(/\r\nmget\r\n/gi)?.length ?? 0,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

it('without Redis everything is fetched', async () => {
  const alone = await startRouter({ ...options, cacheRedisUrl: 'redis://127.0.0.1:9' })
  for (let index = 0; index < 2; index++)
    expect(await asked('{ item(id: 1) { price } }', alone.url)).toMatchObject({
      requests: 1,
      data: { item: { price: 10 } },
    })
  expect(await lookups(alone)).toEqual([0, 0, 2])
  await vi.waitFor(() => alone.close(), { timeout: 2_000 })
})
