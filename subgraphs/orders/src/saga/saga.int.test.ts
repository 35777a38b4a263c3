import { randomUUID } from 'node:crypto'
import { createMessage, type Message } from '@mall/contracts'
import { createTestDatabase, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../data/database.ts'
import { createOrderRepository, type OrderRepository } from '../data/order-repository.ts'
import type { OrderContent } from '../domain/order.ts'
import { createPaymentParticipant } from '../participants/payment/participant.ts'
import { createPaymentRepository } from '../participants/payment/payment-repository.ts'
import type { PaymentProvider } from '../participants/payment/provider.ts'
import { createRefundRepository } from '../participants/payment/refund-repository.ts'
import { sandboxProvider } from '../participants/payment/sandbox.ts'
import { createWarehouseParticipant } from '../participants/warehouse/participant.ts'
import { createWarehouseRepository } from '../participants/warehouse/warehouse-repository.ts'
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

describe('the payment participant', () => {
  const participant = (provider: PaymentProvider = sandboxProvider) =>
    createPaymentParticipant({
      payments: createPaymentRepository(db, { checkAfterMs: 5_000 }),
      refunds: createRefundRepository(db),
      providers: { SANDBOX: provider },
      publish,
      queryAfterMs: 5_000,
      clock: () => now,
      onProviderError: (error) => expect.fail(String(error)),
    })
  const reserved = (orderId: bigint, amount = 3_980) =>
    createMessage('stock-reserved', {
      orderId: String(orderId),
      lines: [{ skuId: 'mug', productId: 'mugs', quantity: 2 }],
      payment: { method: 'SANDBOX', amount, currency: 'CNY' },
      destination: { region: 'Shanghai', city: 'Shanghai' },
    }).event
  const close = (orderId: bigint) =>
    createMessage('payment-close', { orderId: String(orderId), reason: 'cancelled' }).event

  it('charges once and answers the same however often it is asked', async () => {
    const id = content().id
    await participant().handle([reserved(id)])
    await Promise.all([
      participant().handle([reserved(id)]),
      participant().handle([reserved(id), reserved(id)]),
    ])
    expect(types()).toEqual(Array(4).fill('payment-succeeded'))
    expect(await db.payment.count({ where: { orderId: id } })).toBe(1)
  })

  it('refuses an amount that ends in 13, and then has nothing to give back', async () => {
    const id = content().id
    await participant().handle([reserved(id, 1_313)])
    await participant().handle([close(id)])
    expect(types()).toEqual(['payment-failed', 'payment-closed'])
  })

  it('refunds a payment that it was asked to close when it is paid', async () => {
    const id = content().id
    await participant().handle([reserved(id)])
    await participant().handle([close(id)])
    expect(types()).toEqual(['payment-succeeded', 'payment-refunded'])
  })

  const refund = (orderId: bigint, refundId: string, amount: number) =>
    createMessage('payment-refund', { orderId: String(orderId), reason: 'late', refundId, amount }).event
  const payment = (orderId: bigint) => db.payment.findUnique({ where: { orderId } })

  it('gives a part back once for its id, then the rest when the order is undone', async () => {
    const id = content().id
    const given: number[] = []
    const counting: PaymentProvider = {
      ...sandboxProvider,
      refund: async ({ amount }) => void given.push(amount),
    }
    const part = refund(id, 'a', 1_000)
    await participant(counting).handle([reserved(id)])
    await participant(counting).handle([part])
    await participant(counting).handle([part])
    expect(await payment(id)).toMatchObject({ status: 'PARTIALLY_REFUNDED' })
    await participant(counting).handle([close(id)])
    await participant(counting).handle([close(id)])
    expect(await payment(id)).toMatchObject({ status: 'REFUNDED' })
    expect(given).toEqual([1_000, 2_980])
    expect(types().slice(1)).toEqual(Array(4).fill('payment-refunded'))
  })

  it('never gives back more than was paid, whatever comes at once', async () => {
    const id = content().id
    await participant().handle([reserved(id)])
    await Promise.all(['a', 'b', 'c'].map((name) => participant().handle([refund(id, name, 1_500)])))
    expect(types().filter((type) => type === 'payment-refunded')).toHaveLength(2)
    expect(types().filter((type) => type === 'payment-refund-failed')).toHaveLength(1)
  })

  it('says that a refund did not work instead of holding up other orders, and does it when asked again', async () => {
    const [id, other] = [content().id, content().id]
    const refund = async ({ orderId }: { orderId: string }) => {
      if (orderId === String(id)) throw new Error('The bank is closed.')
    }
    const failing = { ...sandboxProvider, refund }
    await participant().handle([reserved(id), reserved(other)])
    await participant(failing).handle([close(id), close(other)])
    expect(types().slice(2)).toEqual(['payment-refund-failed', 'payment-refunded'])
    await participant().handle([close(id)])
    expect(await payment(id)).toMatchObject({ status: 'REFUNDED' })
  })

  it('gives nothing back of an order that was not paid', async () => {
    await participant().handle([refund(content().id, 'a', 100)])
    expect(types()).toEqual(['payment-refund-failed'])
  })

  it('never charges an order that was undone first', async () => {
    const id = content().id
    await participant().handle([close(id)])
    await participant().handle([reserved(id)])
    expect(types()).toEqual(['payment-closed'])
    expect(await db.payment.findUnique({ where: { orderId: id } })).toMatchObject({ status: 'CLOSED' })
  })
})

describe('the warehouse participant', () => {
  const warehouses = () => createWarehouseRepository(db)
  const participant = () => createWarehouseParticipant({ warehouses: warehouses(), publish })
  const adjusted = (ledgerId: string, delta: number) =>
    createMessage('stock-adjusted', { skuId: 'lamp', warehouseId: 'wh-a', delta, ledgerId }).event
  const paid = (orderId: bigint, quantity = 1) =>
    createMessage('payment-succeeded', {
      orderId: String(orderId),
      paymentId: String(orderId),
      amount: 1,
      currency: 'CNY',
      lines: [{ skuId: 'lamp', productId: 'lamps', quantity }],
      destination: { region: 'Shanghai', city: 'Shanghai' },
    }).event
  const release = (orderId: bigint) =>
    createMessage('warehouse-release', { orderId: String(orderId), reason: 'cancelled' }).event
  const onShelf = async () => (await db.warehouseStock.findFirst({ where: { skuId: 'lamp' } }))?.quantity

  beforeAll(async () => {
    await db.warehouse.create({ data: { id: 'wh-a', name: 'A', region: 'Shanghai', position: 0 } })
  })

  it('counts an adjustment once however often it comes', async () => {
    await participant().handle([adjusted('l1', 10), adjusted('l1', 10)])
    await participant().handle([adjusted('l1', 10)])
    expect(await onShelf()).toBe(10)
  })

  it('sets goods aside once and puts them back once', async () => {
    const id = content().id
    await Promise.all([participant().handle([paid(id, 3)]), participant().handle([paid(id, 3)])])
    expect(await onShelf()).toBe(7)
    await participant().handle([release(id), release(id)])
    await participant().handle([release(id)])
    expect(await onShelf()).toBe(10)
  })

  it('sets nothing aside for an order that was undone first', async () => {
    const id = content().id
    await participant().handle([release(id)])
    await participant().handle([paid(id)])
    expect(types()).toEqual(['warehouse-released'])
    expect(await onShelf()).toBe(10)
  })

  it('follows the goods until they are back on the shelf, each return once', async () => {
    const id = content().id
    const order = { orderId: String(id), customerId: 'shopper' }
    const back = createMessage('order-returned', {
      ...order,
      returnId: 'r1',
      warehouseId: 'wh-a',
      lines: [{ skuId: 'lamp', productId: 'lamps', quantity: 2 }],
    }).event
    await participant().handle([paid(id, 2)])
    // The delivery overtakes the shipment, and what was shipped is not released any more.
    await participant().handle([createMessage('order-delivered', order).event])
    await participant().handle([createMessage('order-shipped', { ...order, trackingNumber: 'SF1' }).event])
    await participant().handle([release(id)])
    expect(await warehouses().findAllocations([id])).toMatchObject([
      { status: 'DELIVERED', trackingNumber: 'SF1' },
    ])
    expect(await onShelf()).toBe(8)
    await participant().handle([back, back])
    await participant().handle([back])
    expect(await onShelf()).toBe(10)
  })

  it('never gives the last units twice', async () => {
    const ids = Array.from({ length: 15 }, () => content().id)
    await Promise.all(ids.map((id) => participant().handle([paid(id)])))
    expect(types().filter((type) => type === 'warehouse-allocated')).toHaveLength(10)
    expect(types().filter((type) => type === 'warehouse-rejected')).toHaveLength(5)
    expect(await onShelf()).toBe(0)
  })
})
