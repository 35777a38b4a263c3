import { randomUUID } from 'node:crypto'
import type { Message } from '@mall/contracts'
import { createTestDatabase, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../data/database.ts'
import { createOrderRepository, type OrderRepository } from '../data/order-repository.ts'
import type { OrderContent } from '../domain/order.ts'
import { begin } from './state.ts'
import { createSagaManager } from './manager.ts'

let database: TestDatabase
let db: Database
let orders: OrderRepository
let sent: Message[]
let now: Date
let lastId = 1n
let alarms: bigint[]

const publish = async (messages: Message[]) => void sent.push(...messages)
const dependencies = () => ({
  orders,
  publish,
  announce: async () => {},
  alarm: (id: bigint) => void alarms.push(id),
  clock: () => now,
})
const manager = () => createSagaManager(dependencies())
const types = () => sent.map(({ event }) => event.type)

beforeAll(async () => {
  database = await createTestDatabase('orders')
  db = createDatabase({ url: database.url, poolSize: 5 })
  orders = createOrderRepository(db, { sweepAfterMs: 2_000 })
})
beforeEach(() => {
  sent = []
  alarms = []
  now = new Date('2026-01-01T00:00:00.000Z')
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
})

function content(changes: Partial<OrderContent> = {}): OrderContent {
  lastId += 1n
  return {
    id: lastId,
    customerId: 'shopper',
    idempotencyKey: randomUUID(),
    inputHash: 'hash',
    lines: [
      {
        skuId: 'mug',
        productId: 'mugs',
        skuCode: 'MUG',
        name: 'Mug',
        options: [],
        quantity: 2,
        unitPrice: 1_990,
      },
    ],
    total: 3_980,
    currency: 'CNY',
    shippingAddress: {
      recipient: 'a',
      phone: 'b',
      region: 'Shanghai',
      city: 'c',
      line1: 'd',
      line2: null,
      postalCode: null,
    },
    paymentMethod: 'SANDBOX',
    correlationId: randomUUID(),
    placedAt: now,
    deadlineAt: new Date(now.getTime() + 600_000),
    ...changes,
  }
}

async function placed(changes: Partial<OrderContent> = {}): Promise<bigint> {
  const order = content(changes)
  await orders.insert([{ content: order, saga: begin(now.toISOString(), order) }])
  return order.id
}

const find = async (id: bigint) => (await orders.findMany([id]))[0]

describe('placing orders', () => {
  it('inserts one order for a key, also when both come in one statement', async () => {
    const idempotencyKey = randomUUID()
    const both = [content({ idempotencyKey }), content({ idempotencyKey })]
    const inserted = await orders.insert(
      both.map((one) => ({ content: one, saga: begin(now.toISOString(), one) })),
    )
    expect(inserted.size).toBe(1)
    expect(await orders.findByKeys([{ customerId: 'shopper', idempotencyKey }])).toHaveLength(1)
  })
})

describe('the saga manager', () => {
  it('moves an order along and counts what is sold', async () => {
    const id = await placed()
    await manager().handle([
      { orderId: id, event: { type: 'stock-reserved' } },
      { orderId: id, event: { type: 'payment-succeeded' } },
      { orderId: id, event: { type: 'warehouse-allocated' } },
    ])
    expect(await find(id)).toMatchObject({ status: 'CONFIRMED', version: 4 })
    expect(types()).toEqual(['order-confirmed'])
    expect(await db.orderEvent.count({ where: { orderId: id } })).toBe(4)
    expect(await db.productSale.findUnique({ where: { productId: 'mugs' } })).toMatchObject({ sold: 2 })
  })

  it('takes back what it counted as sold when a confirmed order is cancelled', async () => {
    const before = (await db.productSale.findUnique({ where: { productId: 'mugs' } }))?.sold ?? 0
    const id = await placed()
    await manager().handle([{ orderId: id, event: { type: 'warehouse-allocated' } }])
    await manager().handle([{ orderId: id, event: { type: 'cancel-requested', reason: 'changed my mind' } }])
    expect((await db.productSale.findUnique({ where: { productId: 'mugs' } }))?.sold).toBe(before)
    expect(types()).toEqual(['order-confirmed', 'warehouse-release'])
  })

  it('settles races: of many instances that move one order at once, each event counts once', async () => {
    const id = await placed()
    const events = [
      'stock-reserved',
      'payment-initiated',
      'payment-succeeded',
      'warehouse-allocated',
    ] as const
    await Promise.all(
      [...events, ...events].map((type) => manager().handle([{ orderId: id, event: { type } }])),
    )
    const order = await find(id)
    expect(order).toMatchObject({ status: 'CONFIRMED' })
    expect(await db.orderEvent.count({ where: { orderId: id } })).toBe(order?.version)
  })

  it('does not take what it remembers of an order for what the order is', async () => {
    const id = await placed()
    const [here, elsewhere] = [manager(), manager()]
    await here.handle([{ orderId: id, event: { type: 'stock-reserved' } }])
    await elsewhere.handle([{ orderId: id, event: { type: 'cancel-requested' } }])
    await elsewhere.handle([{ orderId: id, event: { type: 'warehouse-released' } }])
    // To an order that goes forward, as remembered here, a closed payment means nothing.
    await here.handle([{ orderId: id, event: { type: 'payment-closed' } }])
    await here.handle([{ orderId: id, event: { type: 'stock-released' } }])
    expect(await find(id)).toMatchObject({ status: 'CANCELLED' })
  })

  it('tells of a shipment until the broker has acknowledged it', async () => {
    const id = await placed()
    await manager().handle([{ orderId: id, event: { type: 'warehouse-allocated' } }])
    const ship = { orderId: id, event: { type: 'ship-requested', trackingNumber: 'SF1' } } as const
    const unreachable = createSagaManager({
      ...dependencies(),
      publish: () => Promise.reject(new Error('the broker is away')),
    })
    await expect(unreachable.handle([ship])).rejects.toThrow('away')
    now = new Date(now.getTime() + 3_000)
    await manager().sweep(1_000)
    expect(sent.filter(({ key }) => key === String(id)).map(({ topic }) => topic)).toEqual([
      'order-confirmed',
      'order-shipped',
    ])
    expect(await find(id)).toMatchObject({ status: 'SHIPPED', untold: [] })
    expect(await db.orderEvent.count({ where: { orderId: id } })).toBe(3)
  })

  it('calls staff once when an undo never works', async () => {
    const id = await placed()
    await manager().handle([{ orderId: id, event: { type: 'cancel-requested' } }])
    for (let round = 0; round < 8; round += 1) {
      now = new Date(now.getTime() + 61_000)
      await manager().sweep(1_000)
    }
    expect(alarms.filter((alarm) => alarm === id)).toEqual([id])
    expect(await db.order.findUnique({ where: { id } })).toMatchObject({ needsAttention: true })
    await manager().handle([{ orderId: id, event: { type: 'warehouse-released' } }])
    expect(await db.order.findUnique({ where: { id } })).toMatchObject({ needsAttention: false })
  })

  it('ignores an order that it does not know', async () => {
    await manager().handle([{ orderId: 999_999_999n, event: { type: 'stock-reserved' } }])
    expect(sent).toEqual([])
  })
})

describe('the sweeper', () => {
  it('sends again what drives an order that has not moved, ever more rarely', async () => {
    await manager().sweep(1_000)
    const id = await placed()
    sent = []
    now = new Date(now.getTime() + 1_000)
    await manager().sweep()
    expect(sent.filter(({ key }) => key === String(id))).toEqual([])
    now = new Date(now.getTime() + 1_500)
    await manager().sweep()
    expect(sent.filter(({ key }) => key === String(id)).map(({ topic }) => topic)).toEqual(['order-placed'])
    sent = []
    now = new Date(now.getTime() + 2_000)
    await manager().sweep()
    expect(sent.filter(({ key }) => key === String(id))).toEqual([])
  })

  it('gives an order up when its time is over', async () => {
    const id = await placed({ deadlineAt: new Date(now.getTime() + 5_000) })
    now = new Date(now.getTime() + 6_000)
    await manager().sweep()
    expect(await find(id)).toMatchObject({ status: 'CANCELLING', cancelReason: 'Not completed in time.' })
  })
})
