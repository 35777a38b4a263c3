import { randomUUID } from 'node:crypto'
import { createBus, header, signatureOf } from '@mall/bus'
import { createMessage, quarantineTopic, type EventType, type Message } from '@mall/contracts'
import { eventually, testKafkaBrokers } from '@mall/testing'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDeadLetters, type DeadLetters } from '../../packages/bus/src/dead-letters.ts'
import type { OrderStatus } from '../../subgraphs/orders/src/domain/order.ts'
import { openFaultMall, quiet, signingKey, type FaultMall } from './support/fault-mall.ts'

let mall: FaultMall
let letters: DeadLetters

beforeAll(async () => {
  mall = await openFaultMall()
  letters = await openDeadLetters({
    brokers: testKafkaBrokers(),
    namespace: mall.namespace,
    logger: quiet,
  })
}, 60_000)
afterAll(async () => {
  await letters.close()
  await mall.close()
})

/** An order of a customer that has come to its end, or waits because of a trouble. */
async function placed(status: OrderStatus, customer = randomUUID()): Promise<bigint> {
  const id = await mall.place(customer)
  await mall.becomes(id, status)
  return id
}

async function cancelled(id: bigint): Promise<void> {
  await mall.saga.handle([{ orderId: id, event: { type: 'cancel-requested' } }])
  await mall.becomes(id, 'CANCELLED')
}

/** Publishes messages and waits until everybody has handled them, and what follows from them. */
async function said(...messages: Message[]): Promise<void> {
  await mall.bus.publish(messages)
  await mall.atRest()
}

describe('messages in an order that nobody intended', () => {
  it('a refund that comes before the payment: nothing is charged', async () => {
    const customer = randomUUID()
    const late = mall.faults.provoke(customer, { on: 'publish', type: 'stock-reserved', does: 'late' })
    const id = await mall.place(customer)
    await eventually('stock is reserved', async () => late.hits() > 0)
    await mall.bus.publish([createMessage('payment-refund', { orderId: String(id), reason: 'early' })])
    await eventually('the payment is barred', async () => (await mall.holdings(id)).held.includes('CLOSED'))
    await late.end()
    await mall.becomes(id, 'STOCK_RESERVED')
    mall.advance(601_000)
    await mall.becomes(id, 'CANCELLED')
    await mall.atRest()
    expect(mall.bank.wasCharged(String(id))).toBe(false)
    expect(await mall.holdings(id)).toEqual({ held: 'RELEASED CLOSED RELEASED', balance: 0 })
  })

  it('a part to be refunded before the payment: refused, and the order goes on', async () => {
    const customer = randomUUID()
    const late = mall.faults.provoke(customer, { on: 'publish', type: 'stock-reserved', does: 'late' })
    const id = await mall.place(customer)
    await eventually('stock is reserved', async () => late.hits() > 0)
    const part = { orderId: String(id), reason: 'early', refundId: 'r1', amount: 100 }
    await mall.bus.publish([createMessage('payment-refund', part)])
    await eventually('it is refused', async () => wasSaid('payment-refund-failed', id))
    await late.end()
    await mall.becomes(id, 'CONFIRMED')
    await mall.atRest()
    expect(await mall.holdings(id)).toMatchObject({ held: 'COMMITTED SUCCEEDED ALLOCATED', balance: 1_990 })
  })

  it('an undo that overtakes everything: its order holds nothing, however late its messages come', async () => {
    const customer = randomUUID()
    const late = mall.faults.provoke(customer, { on: 'publish', type: 'order-placed', does: 'late' })
    const id = await mall.place(customer)
    await cancelled(id)
    await late.end()
    await mall.atRest()
    expect(await mall.holdings(id)).toEqual({ held: 'RELEASED CLOSED RELEASED', balance: 0 })
    expect((await mall.find(id)).status).toBe('CANCELLED')
  })

  it.each([
    ['stock-reserved', 'payment-succeeded'],
    ['stock-reserved', 'warehouse-allocated'],
    ['payment-succeeded', 'warehouse-allocated'],
  ] as const)('%s that the saga hears of after %s', async (type, by) => {
    const customer = randomUUID()
    const trouble = { on: 'handle', group: 'orders-saga', type, does: 'overtaken', by } as const
    const overtaken = mall.faults.provoke(customer, trouble)
    const id = await placed('CONFIRMED', customer)
    await mall.atRest()
    expect(overtaken.hits()).toBeGreaterThan(0)
    expect((await mall.find(id)).steps.map(({ status }) => status)).toEqual(['DONE', 'DONE', 'DONE'])
    expect(await mall.history(id)).not.toContain(type)
  })

  it.each(['stock-reserved', 'payment-succeeded', 'warehouse-allocated'] as const)(
    '%s for an order that was cancelled long ago: nothing moves',
    async (type) => {
      const id = await placed('CONFIRMED')
      const answer = mall.faults.published().find((one) => one.topic === type && one.key === String(id))
      if (!answer) throw new Error(`Nobody said ${type}`)
      await cancelled(id)
      await mall.atRest()
      const [before, history] = [await mall.find(id), await mall.history(id)]
      await said(answer)
      expect(await mall.find(id)).toEqual(before)
      expect(await mall.history(id)).toEqual(history)
      expect(await mall.holdings(id)).toEqual({ held: 'RELEASED REFUNDED RELEASED', balance: 0 })
    },
  )

  it('answers for an order that nobody placed: no order comes of them', async () => {
    const orderId = '42'
    await said(
      createMessage('stock-rejected', { orderId, reason: 'forged', shortages: [] }),
      createMessage('payment-failed', { orderId, reason: 'forged' }),
      createMessage('warehouse-allocated', { orderId, allocations: [] }),
      createMessage('stock-released', { orderId, reason: 'EXPIRED' }),
    )
    expect(await mall.orders.findMany([42n])).toEqual([])
    expect(mall.bus.counts().dead).toEqual({})
    await placed('CONFIRMED')
  })

  it('a payment of an order that nobody placed: what is set aside for it is given back when asked', async () => {
    const orderId = '43'
    const payment = { orderId, paymentId: orderId, amount: 1, currency: 'CNY' as const }
    const lines = [{ skuId: mall.skuOf('mug'), productId: 'mug', quantity: 1 }]
    const destination = { region: 'Shanghai', city: 'Shanghai' }
    const shelf = async () => (await mall.ordersDb.warehouseStock.findMany()).map(({ quantity }) => quantity)
    const before = await shelf()
    await mall.bus.publish([createMessage('payment-succeeded', { ...payment, lines, destination })])
    const subjects = async () => (await mall.faultsAtRest()).map(({ subject }) => subject)
    await eventually('the check sees goods of nobody', async () => (await subjects()).includes(orderId))
    expect(await mall.orders.findMany([43n])).toEqual([])
    expect(mall.bank.wasCharged(orderId)).toBe(false)
    await said(createMessage('warehouse-release', { orderId, reason: 'staff' }))
    expect(await shelf()).toEqual(before)
  })

  const wasSaid = (type: EventType, id: bigint) =>
    mall.faults.published().some(({ topic, key }) => topic === type && key === String(id))
})

describe('messages that cannot be trusted or read', () => {
  const forgedFor = (id: bigint) =>
    createMessage('payment-close', { orderId: String(id), reason: 'I want it for nothing' })

  it('a forged undo changes nothing', async () => {
    const forger = await createBus({
      brokers: testKafkaBrokers(),
      clientId: 'forger',
      signingKeys: [{ ...signingKey, secret: 'not-the-secret-at-all' }],
      region: 'test',
      logger: quiet,
      namespace: mall.namespace,
    })
    const id = await placed('CONFIRMED')
    await forger.publish([forgedFor(id)])
    await forger.close()
    await goesOnBehindQuarantine('its signature is wrong')
    expect(await mall.holdings(id)).toMatchObject({ held: 'COMMITTED SUCCEEDED ALLOCATED' })
  })

  it('a message that is not JSON, though well signed', async () => {
    await sendRaw('payment-close', 'not JSON')
    await goesOnBehindQuarantine('it is not JSON')
  })

  it('a message of a newer version', async () => {
    const id = await placed('CONFIRMED')
    const { event } = forgedFor(id)
    await sendRaw('payment-close', JSON.stringify({ ...event, version: event.version + 1 }))
    await goesOnBehindQuarantine('version 2 of "payment-close" is not known here, only 1')
    expect(await mall.holdings(id)).toMatchObject({ held: 'COMMITTED SUCCEEDED ALLOCATED' })
  })

  /** The message lies in quarantine with its reason, and the next order's payment and its undo are not held up. */
  async function goesOnBehindQuarantine(reason: string): Promise<void> {
    await cancelled(await placed('CONFIRMED'))
    await mall.atRest()
    const found = await letters.list(quarantineTopic)
    expect(found.filter((letter) => letter.reason === reason)).toHaveLength(1)
    expect(mall.bus.counts().dead).toEqual({})
  }
})

describe('an event that cannot be handled', () => {
  it('lies dead with its reason while others go on, and is handled when it is replayed', async () => {
    const customer = randomUUID()
    // Nobody repeats this one: the order is confirmed and its saga at rest.
    const trouble = {
      on: 'handle',
      group: 'products-commit',
      type: 'order-confirmed',
      does: 'throws',
    } as const
    const poison = mall.faults.provoke(customer, trouble)
    const id = await placed('CONFIRMED', customer)
    const found = await eventually('it is dead', async () => {
      const [letter] = await letters.list('order-confirmed')
      return letter
    })
    expect(found).toMatchObject({ key: String(id), reason: 'Error: The participant is ill', tries: 3 })
    const other = await placed('CONFIRMED')
    await eventually('others go on', async () => (await mall.holdings(other)).held.startsWith('COMMITTED'))
    expect(await mall.holdings(id)).toMatchObject({ held: 'RESERVED SUCCEEDED ALLOCATED' })

    await poison.end()
    expect(await letters.replay('order-confirmed')).toBe(1)
    await eventually('it is sold', async () => (await mall.holdings(id)).held.startsWith('COMMITTED'))
    await mall.atRest()
    expect(await letters.list('order-confirmed')).toEqual([])
  })
})

/** Sends bytes with a good signature, as a participant of another release would. */
async function sendRaw(topic: EventType, text: string): Promise<void> {
  const outside = `${mall.namespace}${topic}`
  const value = Buffer.from(text)
  const headers = { [header.eventId]: '1', [header.traceId]: '1', [header.keyId]: signingKey.id }
  const signature = signatureOf({ topic: outside, key: '1', headers, value }, signingKey.secret)
  const producer = new Kafka({ brokers: testKafkaBrokers(), logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  await producer.send({
    topic: outside,
    messages: [{ key: '1', value, headers: { ...headers, [header.signature]: signature } }],
  })
  await producer.disconnect()
}
