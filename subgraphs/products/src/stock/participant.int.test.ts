import { createBus, type Bus } from '@mall/bus'
import { createMessage, topics, type AnyEvent, type EventType, type Message } from '@mall/contracts'
import { createPubSub, type PubSub } from '@mall/service/pubsub'
import { testKafkaBrokers, testRedisUrl } from '@mall/testing'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { lineOf, openStockRoom, quiet, type StockRoom } from '../testing/stock-room.ts'
import { createAnnounceStock } from './announce.ts'
import { parseNotice, type StockNotice } from './notice.ts'
import { createStockParticipant, type StockParticipant } from './participant.ts'

const reservationMs = 60_000
let now = new Date('2026-11-23T12:00:00Z')
let room: StockRoom
let bus: Bus
let pubsub: PubSub<StockNotice>
let participant: StockParticipant
const heard: AnyEvent[] = []
let isBrokerAway = false

beforeAll(async () => {
  room = await openStockRoom()
  pubsub = createPubSub({ redisUrl: testRedisUrl(), logger: quiet, parse: parseNotice })
  bus = await createBus({
    brokers: testKafkaBrokers(),
    clientId: 'products-test',
    signingKeys: [{ id: 'test', secret: randomUUID() }],
    region: 'test',
    logger: quiet,
    namespace: `products-test-${randomUUID()}.`,
  })
  await bus.ensureTopics(topics, { partitions: 1 })
  const publish = async (messages: Message[]) => {
    if (isBrokerAway) throw new Error('the broker is away')
    await bus.publish(messages)
  }
  const clock = () => now
  const announce = createAnnounceStock({ live: room.live, publish, logger: quiet })
  participant = createStockParticipant({
    stock: room.stock,
    live: room.live,
    announce,
    clock,
    reservationMs,
  })
  await Promise.all([
    bus.consume({ group: 'reserve', topics: ['order-placed'], handle: participant.reserve }),
    bus.consume({ group: 'release', topics: ['stock-release'], handle: participant.release }),
    bus.consume({ group: 'commit', topics: ['order-confirmed'], handle: participant.commit }),
    bus.consume({ group: 'returns', topics: ['order-returned'], handle: participant.takeBack }),
    bus.consume({
      group: 'listener',
      topics: ['stock-reserved', 'stock-rejected', 'stock-released', 'stock-changed'],
      handle: async (events) => void heard.push(...events),
    }),
  ])
}, 120_000)
afterAll(async () => {
  await bus.close()
  await pubsub.close()
  await room.close()
})

let orders = 0
const newOrder = () => String(++orders)
const placed = (orderId: string, skuId: string, quantity: number) =>
  createMessage('order-placed', {
    orderId,
    customerId: 'customer',
    lines: [lineOf(skuId, quantity)],
    payment: { method: 'SANDBOX', amount: 100, currency: 'CNY' },
    destination: { region: 'east', city: 'Shanghai' },
  })
const undo = (orderId: string) => createMessage('stock-release', { orderId, reason: 'test' })
const confirmed = (orderId: string, skuId: string, quantity: number) =>
  createMessage('order-confirmed', { orderId, customerId: 'customer', lines: [lineOf(skuId, quantity)] })

/** Events of a type about an order, in the order they were heard. */
const answers = (type: EventType, orderId: string) =>
  heard.filter((event) => event.type === type && 'orderId' in event.data && event.data.orderId === orderId)
const answered = (type: EventType, orderId: string, times = 1) =>
  expect.poll(() => answers(type, orderId).length, { timeout: 15_000 }).toBe(times)

describe('taking part in the saga', () => {
  it('holds, then sells, and tells of every change', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    const message = placed(order, sku, 2)
    await bus.publish([message])
    await answered('stock-reserved', order)
    expect(answers('stock-reserved', order)[0]).toMatchObject({
      causationId: message.event.id,
      correlationId: message.event.correlationId,
      data: { orderId: order, lines: [lineOf(sku, 2)], destination: { city: 'Shanghai' } },
    })
    await bus.publish([confirmed(order, sku, 2)])
    await expect.poll(async () => (await room.stateOf(sku)).sold, { timeout: 15_000 }).toBe(2)
    await expect
      .poll(
        () =>
          heard.flatMap(({ data }) =>
            'version' in data && 'skuId' in data && data.skuId === sku ? [data] : [],
          ),
        { timeout: 15_000 },
      )
      .toEqual([
        { skuId: sku, available: 3, reserved: 2, sold: 0, version: 2 },
        { skuId: sku, available: 3, reserved: 0, sold: 2, version: 3 },
      ])
    expect((await room.live.read([sku])).get(sku)).toMatchObject({ available: 3, reserved: 0, sold: 2 })
  })

  it('makes units sellable again that came back, each return once', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    const returned = createMessage('order-returned', {
      orderId: order,
      customerId: 'customer',
      returnId: 'r1',
      warehouseId: 'wh-shanghai',
      lines: [lineOf(sku, 2)],
    })
    await bus.publish([placed(order, sku, 3)])
    await answered('stock-reserved', order)
    await bus.publish([confirmed(order, sku, 3)])
    await expect.poll(async () => (await room.stateOf(sku)).sold, { timeout: 15_000 }).toBe(3)
    const again = createMessage('order-returned', {
      ...returned.event.data,
      returnId: 'r2',
      lines: [lineOf(sku, 1)],
    })
    await bus.publish([returned, returned, again])
    await expect.poll(async () => (await room.stateOf(sku)).sold, { timeout: 15_000 }).toBe(0)
    expect(await room.stateOf(sku)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('rejects with what is missing, and gives a redelivered order the same answer', async () => {
    const [sku, order] = [await room.shelve(1), newOrder()]
    await bus.publish([placed(order, sku, 2)])
    await answered('stock-rejected', order)
    await room.db.stock.update({ where: { skuId: sku }, data: { available: 9, version: 2 } })
    await bus.publish([placed(order, sku, 2)])
    await answered('stock-rejected', order, 2)
    expect(answers('stock-rejected', order)[1]?.data).toEqual(answers('stock-rejected', order)[0]?.data)
    expect(await room.stateOf(sku)).toMatchObject({ available: 9, reserved: 0 })
  })

  it('gives back on request, and says so as often as it is asked', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    await bus.publish([placed(order, sku, 2)])
    await answered('stock-reserved', order)
    await bus.publish([undo(order), undo(order)])
    await answered('stock-released', order, 2)
    expect(await room.stateOf(sku)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('holds nothing for an order that was undone before it came', async () => {
    const [sku, other, order, next] = [await room.shelve(5), await room.shelve(1), newOrder(), newOrder()]
    await bus.publish([undo(order)])
    await answered('stock-released', order)
    await bus.publish([placed(order, sku, 2)])
    await bus.publish([placed(next, other, 1)])
    await answered('stock-reserved', next)
    expect(answers('stock-reserved', order)).toEqual([])
    expect(await room.stateOf(sku)).toMatchObject({ available: 5, reserved: 0, version: 1 })
  })

  it('lets the gate forget what such a late order asked', async () => {
    const [sku, late, next] = [await room.shelve(5), newOrder(), newOrder()]
    await bus.publish([undo(late)])
    await answered('stock-released', late)
    await bus.publish([placed(late, sku, 2)])
    await expect.poll(() => room.redis.hget(`stock:{${sku}}`, 'pending'), { timeout: 15_000 }).toBe('0')
    await bus.publish([placed(next, sku, 5)])
    await answered('stock-reserved', next)
  })

  it('answers and announces in the end when the broker was away after the commit', async () => {
    const [sku, order] = [await room.shelve(5), newOrder()]
    isBrokerAway = true
    await bus.publish([placed(order, sku, 2)])
    await expect.poll(async () => (await room.stateOf(sku)).reserved, { timeout: 15_000 }).toBe(2)
    expect(answers('stock-reserved', order)).toEqual([])
    isBrokerAway = false
    await answered('stock-reserved', order)
    expect(heard.some(({ data }) => 'version' in data && 'skuId' in data && data.skuId === sku)).toBe(true)
    expect(await room.stateOf(sku)).toMatchObject({ available: 3, reserved: 2, version: 2 })
  })

  it('sells exactly what is there to a crowd', async () => {
    const sku = await room.shelve(20)
    const crowd = Array.from({ length: 100 }, newOrder)
    await bus.publish(crowd.map((order) => placed(order, sku, 1)))
    const count = (type: EventType) => crowd.filter((order) => answers(type, order).length > 0).length
    await expect
      .poll(() => [count('stock-reserved'), count('stock-rejected')], { timeout: 15_000 })
      .toEqual([20, 80])
    expect(await room.stateOf(sku)).toMatchObject({ available: 0, reserved: 20 })
    expect(await room.redis.hget(`stock:{${sku}}`, 'pending')).toBe('0')
  })

  it('gives back what nobody decided in time, and says why', async () => {
    const [sku, kept, sold] = [await room.shelve(5), newOrder(), newOrder()]
    await bus.publish([placed(kept, sku, 2), placed(sold, sku, 1)])
    await answered('stock-reserved', sold)
    await bus.publish([confirmed(sold, sku, 1)])
    await expect.poll(async () => (await room.stateOf(sku)).sold, { timeout: 15_000 }).toBe(1)
    await participant.releaseExpired()
    expect(await room.stateOf(sku)).toMatchObject({ available: 2, reserved: 2 })
    now = new Date(now.getTime() + reservationMs + 1)
    await participant.releaseExpired()
    await answered('stock-released', kept)
    expect(answers('stock-released', kept)[0]?.data).toEqual({ orderId: kept, reason: 'EXPIRED' })
    expect(await room.stateOf(sku)).toMatchObject({ available: 4, reserved: 0, sold: 1 })
    expect(await participant.releaseExpired()).toBe(0)
  })
})
