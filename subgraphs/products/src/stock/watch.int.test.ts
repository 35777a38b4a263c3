import { createPubSub, type PubSub } from '@mall/service/pubsub'
import { dropSubscribers } from '@mall/service/redis-test-support'
import { testRedisUrl } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStockRoom, quiet, requestOf, type StockRoom } from '../testing/stock-room.ts'
import { createAnnounceStock, type AnnounceStock } from './announce.ts'
import { parseNotice, stockChannel, type StockNotice } from './notice.ts'
import { createStockWatch } from './watch.ts'

/** A Redis database by which one connection is told from all others. */
const clock = () => new Date('2026-11-23T12:00:00Z')
const later = new Date('2099-01-01T00:00:00Z')
let room: StockRoom
let here: PubSub<StockNotice>
let there: PubSub<StockNotice>
let announce: AnnounceStock
beforeAll(async () => {
  room = await openStockRoom({ clock })
  const redisUrl = testRedisUrl()
  here = createPubSub({ redisUrl, logger: quiet, parse: parseNotice })
  there = createPubSub({ redisUrl, logger: quiet, parse: parseNotice })
  announce = createAnnounceStock({
    live: room.live,
    publish: async () => {},
    logger: quiet,
  })
})
afterAll(async () => {
  await Promise.all([here.close(), there.close()])
  await room.close()
})

let orders = 0n
/** One unit reserved and announced on the first instance. */
async function sellOne(skuId: string): Promise<void> {
  await announce((await room.stock.reserve([requestOf(++orders, [skuId, 1])], later)).changed)
}

const watchOn = (pubsub: PubSub<StockNotice>, load = room.stock.load) =>
  createStockWatch({ pubsub, load, clock })

async function take(notices: AsyncIterator<StockNotice>, count: number): Promise<StockNotice[]> {
  const taken: StockNotice[] = []
  for (let i = 0; i < count; i++) {
    const { done, value } = await notices.next()
    if (done) break
    taken.push(value)
  }
  return taken
}

describe('watching stock', () => {
  it('starts with the present state of each SKU, then shows what another instance changes', async () => {
    const [a, b] = [await room.shelve(5), await room.shelve(0)]
    const notices = watchOn(there).follow([a, b])
    expect((await take(notices, 2)).map(({ skuId, available }) => [skuId, available]).toSorted()).toEqual(
      [
        [a, 5],
        [b, 0],
      ].toSorted(),
    )
    await sellOne(a)
    expect(await take(notices, 1)).toEqual([
      { skuId: a, available: 4, reserved: 1, sold: 0, version: 2, at: '2026-11-23T12:00:00.000Z' },
    ])
    await notices.return()
  })

  it('leaves out nothing and repeats nothing, wherever in the changes it begins', async () => {
    const sku = await room.shelve(60)
    const selling = (async () => {
      for (let i = 0; i < 60; i++) await sellOne(sku)
    })()
    const watchers = await Promise.all(
      Array.from({ length: 8 }, async (_, index) => {
        await expect
          .poll(async () => (await room.stateOf(sku)).version, { timeout: 10_000 })
          .toBeGreaterThan(index * 5)
        const versions: number[] = []
        for await (const { version } of watchOn(there).follow([sku])) {
          versions.push(version)
          if (version === 61) break
        }
        return versions
      }),
    )
    await selling
    for (const versions of watchers) {
      const [first = 0] = versions
      expect(versions).toEqual(Array.from({ length: 62 - first }, (_, index) => first + index))
    }
  })

  it('sees a change that falls between subscribing and reading the state, once', async () => {
    const sku = await room.shelve(5)
    const notices = watchOn(there, async (skuIds) => {
      await sellOne(sku)
      return room.stock.load(skuIds)
    }).follow([sku])
    expect((await take(notices, 1)).map(({ version }) => version)).toEqual([2])
    await sellOne(sku)
    expect((await take(notices, 1)).map(({ version }) => version)).toEqual([3])
    await notices.return()
  })

  it('does not show a change again that is announced again', async () => {
    const sku = await room.shelve(5)
    const notices = watchOn(there).follow([sku])
    await take(notices, 1)
    await sellOne(sku)
    await announce(await room.stock.load([sku]))
    await announce(await room.stock.load([sku]))
    await sellOne(sku)
    expect((await take(notices, 2)).map(({ version }) => version)).toEqual([2, 3])
    await notices.return()
  })
})

describe('a watcher', () => {
  it('that leaves while nothing changes is gone at once', async () => {
    const sku = await room.shelve(5)
    const notices = watchOn(there).follow([sku])
    await take(notices, 1)
    const waiting = notices.next()
    await notices.return()
    expect((await waiting).done).toBe(true)
    await expect
      .poll(() => room.redis.pubsub('NUMSUB', stockChannel(sku)), { timeout: 10_000 })
      .toEqual([stockChannel(sku), 0])
  })

  it('learns what it missed while Redis was away, without another change', async () => {
    const redisUrl = testRedisUrl('second')
    const alone = createPubSub({ redisUrl, logger: quiet, parse: parseNotice })
    const sku = await room.shelve(5)
    const notices = watchOn(alone).follow([sku])
    await take(notices, 1)
    const next = notices.next()
    // Not announced, as if it had been while the connection was down.
    await room.stock.reserve([requestOf(++orders, [sku, 1])], later)
    await dropSubscribers(room.redis, redisUrl)
    expect((await next).value).toMatchObject({ skuId: sku, available: 4, version: 2 })
    await notices.return()
    await alone.close()
  })
})

it('keeps to itself what is not a notice of stock', () => {
  expect(() => parseNotice({ skuId: 'a', available: '1' })).toThrow(TypeError)
  expect(() => parseNotice(null)).toThrow(TypeError)
})
