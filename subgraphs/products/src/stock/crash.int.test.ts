import { createMessage, type AnyEvent, type Message } from '@mall/contracts'
import { createPubSub, type PubSub } from '@mall/service/pubsub'
import { testRedisUrl } from '@mall/testing'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCachedAnswers } from '../data/cached-answers.ts'
import { createCatalogueRepository } from '../data/catalogue-repository.ts'
import { startOutbox } from '../events/outbox.ts'
import { lineOf, openStockRoom, quiet, requestOf, type StockRoom } from '../testing/stock-room.ts'
import { createAnnounceStock } from './announce.ts'
import { startExpiry } from './expiry.ts'
import { moveStock } from './ledger.ts'
import { parseNotice, type StockNotice } from './notice.ts'
import { createStockParticipant } from './participant.ts'
import { createStockWatch } from './watch.ts'

const reservationMs = 500
const later = new Date('2099-01-01T00:00:00Z')
let room: StockRoom
let pubsub: PubSub<StockNotice>
beforeAll(async () => {
  room = await openStockRoom()
  pubsub = createPubSub({ redisUrl: testRedisUrl(), logger: quiet, parse: parseNotice })
})
afterAll(async () => {
  await pubsub.close()
  await room.close()
})

/** One instance. `dies`: everything that is to be told after a commit is lost, as when the process dies there. */
function startInstance({ dies = false } = {}) {
  const said: Message['event'][] = []
  const die = () => Promise.reject(new Error('the process is dead'))
  const publish = async (messages: Message[]) => {
    if (dies) return die()
    said.push(...messages.map(({ event }) => event))
  }
  const live = dies ? { ...room.live, apply: die, distrust() {} } : room.live
  const announce = createAnnounceStock({ live, publish, logger: quiet })
  const clock = () => new Date()
  const participant = createStockParticipant({ stock: room.stock, live, announce, clock, reservationMs })
  return {
    participant,
    said,
    announce,
    publish,
    about: (type: AnyEvent['type'], key: string) =>
      said.filter(
        ({ type: one, data }) =>
          one === type &&
          (('skuId' in data && data.skuId === key) || ('orderId' in data && data.orderId === key)),
      ),
  }
}

let orders = 0
const newOrder = () => String(++orders)
const placed = (orderId: string, skuId: string, quantity: number) =>
  createMessage('order-placed', {
    orderId,
    customerId: 'customer',
    lines: [lineOf(skuId, quantity)],
    payment: { method: 'SANDBOX', amount: 100, currency: 'CNY' },
    destination: { region: 'east', city: 'Shanghai' },
  }).event
const confirmed = (orderId: string, skuId: string, quantity: number) =>
  createMessage('order-confirmed', { orderId, customerId: 'customer', lines: [lineOf(skuId, quantity)] })
    .event
const undo = (orderId: string) => createMessage('stock-release', { orderId, reason: 'test' }).event

const inRedis = async (skuId: string) => (await room.live.read([skuId])).get(skuId)
const pendingOf = async (skuId: string) => Number(await room.redis.hget(`stock:{${skuId}}`, 'pending'))

describe('a death between commit and announcement', () => {
  it('of a reservation is made good when its message comes again', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    await expect(startInstance({ dies: true }).participant.reserve([placed(order, sku, 2)])).rejects.toThrow()
    expect(await room.stateOf(sku)).toMatchObject({ reserved: 2 })
    expect(await inRedis(sku)).toMatchObject({ reserved: 0 })
    expect(await pendingOf(sku)).toBe(2)
    const other = startInstance()
    await other.participant.reserve([placed(order, sku, 2)])
    expect(other.about('stock-reserved', order)).toHaveLength(1)
    expect(other.about('stock-changed', sku)).toMatchObject([{ data: { available: 3, version: 2 } }])
    expect(await inRedis(sku)).toMatchObject({ available: 3, reserved: 2 })
    expect(await pendingOf(sku)).toBe(0)
  })

  it('of a sale is made good when its message comes again', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    await startInstance().participant.reserve([placed(order, sku, 2)])
    await expect(
      startInstance({ dies: true }).participant.commit([confirmed(order, sku, 2)]),
    ).rejects.toThrow()
    const other = startInstance()
    await other.participant.commit([confirmed(order, sku, 2)])
    expect(other.about('stock-changed', sku)).toMatchObject([{ data: { sold: 2, version: 3 } }])
    expect(await inRedis(sku)).toMatchObject({ available: 3, reserved: 0, sold: 2 })
  })

  it('of a release is made good when its message comes again', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    await startInstance().participant.reserve([placed(order, sku, 2)])
    await expect(startInstance({ dies: true }).participant.release([undo(order)])).rejects.toThrow()
    const other = startInstance()
    await other.participant.release([undo(order)])
    expect(other.about('stock-released', order)).toHaveLength(1)
    expect(other.about('stock-changed', sku)).toMatchObject([{ data: { available: 5, version: 3 } }])
    expect(await inRedis(sku)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('is made good by any instance for Redis and watchers, even if no message comes again', async () => {
    const sku = await room.shelve(5)
    const notices = createStockWatch({ pubsub, load: room.stock.load, clock: () => new Date() }).follow([sku])
    await notices.next()
    const next = notices.next()
    await room.stock.reserve([requestOf(BigInt(newOrder()), [sku, 2])], later)
    await room.live.keepUp()
    expect((await next).value).toMatchObject({ skuId: sku, available: 3, version: 2 })
    expect(await inRedis(sku)).toMatchObject({ available: 3, reserved: 2 })
    await notices.return()
  })

  it('of an adjustment by hand is made good by the outbox of any instance', async () => {
    const sku = await room.shelve(5)
    const movement = { skuId: sku, delta: 4, warehouseId: 'wh-shanghai', reason: 'count', key: randomUUID() }
    await moveStock(room.db, movement)
    expect(await inRedis(sku)).toMatchObject({ available: 5 })
    const { announce, publish, about } = startInstance()
    const catalogue = createCatalogueRepository(room.db)
    const outbox = startOutbox({
      db: room.db,
      catalogue,
      stock: room.stock,
      announce,
      cached: createCachedAnswers(room.redis),
      publish,
      logger: quiet,
    })
    await expect.poll(() => about('stock-adjusted', sku).length, { timeout: 10_000 }).toBe(1)
    await outbox.stop()
    expect(about('stock-changed', sku)).toMatchObject([{ data: { available: 9, version: 2 } }])
    expect(await inRedis(sku)).toMatchObject({ available: 9 })
    expect(await room.db.stockLedger.count({ where: { skuId: sku, published: false } })).toBe(0)
  })
})

describe('a reservation that runs out', () => {
  it('is told of by another instance when the one that gave it back died', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    await room.stock.reserve([requestOf(BigInt(order), [sku, 2])], new Date(0))
    const dead = startInstance({ dies: true })
    await expect(dead.participant.releaseExpired()).rejects.toThrow()
    expect(await room.stateOf(sku)).toMatchObject({ available: 5, reserved: 0 })
    const other = startInstance()
    await other.participant.releaseExpired()
    expect(other.about('stock-released', order)).toMatchObject([{ data: { reason: 'EXPIRED' } }])
    expect(other.about('stock-changed', sku)).toMatchObject([{ data: { available: 5 } }])
    expect(await inRedis(sku)).toMatchObject({ available: 5, reserved: 0 })
    expect(await other.participant.releaseExpired()).toBe(0)
  })

  it('is given back by itself, unless its order was confirmed meanwhile', async () => {
    const [sku, kept, sold] = [await room.shelve(5), newOrder(), newOrder()]
    const instance = startInstance()
    await instance.participant.reserve([placed(kept, sku, 2), placed(sold, sku, 1)])
    await instance.participant.commit([confirmed(sold, sku, 1)])
    const stop = startExpiry(instance.participant, quiet)
    await expect.poll(() => instance.about('stock-released', kept).length, { timeout: 10_000 }).toBe(1)
    await stop()
    expect(instance.about('stock-released', sold)).toEqual([])
    expect(await room.stateOf(sku)).toMatchObject({ available: 4, reserved: 0, sold: 1 })
  })

  it('is either sold or given back when both happen at once', async () => {
    const sku = await room.shelve(40)
    const ids = Array.from({ length: 40 }, () => BigInt(newOrder()))
    await room.stock.reserve(
      ids.map((id) => requestOf(id, [sku, 1])),
      new Date(0),
    )
    await Promise.all([
      ...ids.map((id) => room.stock.commit([id])),
      ...ids.toReversed().map((id) => room.stock.expire([id])),
    ])
    const { sold } = await room.stateOf(sku)
    const committed = await room.db.reservation.count({
      where: { orderId: { in: ids }, status: 'COMMITTED' },
    })
    expect(sold).toBe(committed)
    expect(await room.stateOf(sku)).toMatchObject({ available: 40 - sold, reserved: 0 })
  })
})

describe('what an order asked at the gate and was never decided', () => {
  it('is held back for a minute, then forgotten when units are short', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    const ask = async (orderId: string, quantity: number) =>
      (await room.live.ask([{ orderId, lines: [lineOf(sku, quantity)] }]))[0]
    expect(await ask(order, 4)).toEqual([])
    expect(await ask(newOrder(), 2)).toMatchObject([{ available: 1 }])
    const [now] = await room.redis.time()
    await room.redis.hset(`stock:{${sku}}:asked`, order, `4:${Number(now) - 61}`)
    expect(await ask(newOrder(), 2)).toEqual([])
    expect(await pendingOf(sku)).toBe(2)
  })
})
