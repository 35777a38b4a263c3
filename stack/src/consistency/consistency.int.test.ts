import { createTestDatabase, testRedisUrl, type TestDatabase } from '@mall/testing'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findFaults, repairFaults, rules, type DataPlaces } from './index.ts'

let databases: { products: TestDatabase; orders: TestDatabase }
let products: pg.Client
let orders: pg.Client
let redis: Redis
let places: DataPlaces

beforeAll(async () => {
  const [first, second] = await Promise.all([createTestDatabase('products'), createTestDatabase('orders')])
  databases = { products: first, orders: second }
  products = new pg.Client({ connectionString: first.url })
  orders = new pg.Client({ connectionString: second.url })
  redis = new Redis(testRedisUrl())
  await Promise.all([products.connect(), orders.connect()])
  // Histories are append-only; here they are broken by hand, past the trigger that sees to it.
  await orders.query('set session_replication_role = replica')
  places = {
    databases: { products: first.url, orders: second.url },
    infrastructure: { redis: testRedisUrl() },
  }
})
afterAll(async () => {
  await Promise.all([products.end(), orders.end()])
  redis.disconnect()
  await Promise.all([databases.products.drop(), databases.orders.drop()])
})

const lines = (quantity: number) => JSON.stringify([{ skuId: 'mug', productId: 'p', quantity }])
const step = (status: string, undo: string | null = null) => ({ status, undo: undo && { finishedAt: undo } })
const steps = (...statuses: string[]) => statuses.map((status) => step(status))
const setAside = (quantity: number) =>
  JSON.stringify([{ warehouseId: 'w', lines: [{ skuId: 'mug', quantity }] }])

async function insertOrder(id: number, status: string, saga: object, events: readonly string[]) {
  await orders.query(
    `insert into "order" (id, customer_id, idempotency_key, input_hash, status, lines, total, currency, shipping_address,
       payment_method, saga, version, correlation_id, placed_at, updated_at, deadline_at)
     values ($1, 'c', $1::bigint::text, '', $2, $3, 500, 'CNY', '{}', 'SANDBOX', $4, $5, 'story', now(), now(), now())`,
    [id, status, lines(2), JSON.stringify({ refunds: [], returns: [], untold: [], ...saga }), events.length],
  )
  for (const [index, type] of events.entries())
    await orders.query(
      `insert into order_event (order_id, version, type, at, summary) values ($1, $2, $3, now(), '')`,
      [id, index + 1, type],
    )
}

/** 1 is delivered, one of its two units came back and 200 of 500 were refunded; 2 was cancelled; 3 still moves. */
beforeEach(async () => {
  await products.query('truncate stock, reservation, stock_return, stock_ledger')
  await orders.query(
    `truncate "order", order_event, payment, payment_refund, allocation, warehouse_stock, warehouse_return, product_sale`,
  )
  await redis.flushdb()
  await products.query(
    `insert into stock (sku_id, available, reserved, sold, version) values ('mug', 7, 2, 1, 9)`,
  )
  await products.query(
    `insert into stock_ledger (id, sku_id, warehouse_id, delta, reason, idempotency_key, input_hash, remaining, published)
     values ('l', 'mug', 'w', 10, '', 'l', '', 10, true)`,
  )
  await products.query(
    `insert into reservation (order_id, status, lines, shortages, expires_at) values
       (1, 'COMMITTED', $1, '[]', now()), (2, 'RELEASED', $1, '[]', now()), (3, 'RESERVED', $1, '[]', now())`,
    [lines(2)],
  )
  await products.query(`insert into stock_return (order_id, return_id, lines) values (1, 'r', $1)`, [
    lines(1),
  ])
  const saga = {
    steps: steps('DONE', 'DONE', 'DONE'),
    refunds: [{ id: 'f', amount: 200, status: 'DONE' }],
    returns: [{ id: 'r', warehouseId: 'w', lines: JSON.parse(lines(1)) as unknown }],
  }
  await insertOrder(1, 'DELIVERED', saga, [
    'order-placed',
    'stock-reserved',
    'payment-succeeded',
    'warehouse-allocated',
  ])
  await insertOrder(2, 'CANCELLED', { steps: steps('COMPENSATED', 'COMPENSATED', 'SKIPPED') }, [
    'order-placed',
    'payment-succeeded',
    'cancel-requested',
    'warehouse-released',
    'payment-refunded',
    'stock-released',
  ])
  await insertOrder(3, 'STOCK_RESERVED', { steps: steps('DONE', 'RUNNING', 'PENDING') }, ['order-placed'])
  await orders.query(`update "order" set check_at = now() where id = 3`)
  await orders.query(
    `insert into payment (order_id, status, method, amount, currency)
     values (1, 'PARTIALLY_REFUNDED', 'SANDBOX', 500, 'CNY'), (2, 'REFUNDED', 'SANDBOX', 500, 'CNY')`,
  )
  await orders.query(
    `insert into payment_refund (order_id, refund_id, amount, status)
     values (1, 'f', 200, 'DONE'), (2, 'undo', 500, 'DONE')`,
  )
  await orders.query(
    `insert into allocation (order_id, status, allocations) values (1, 'DELIVERED', $1), (2, 'RELEASED', $1)`,
    [setAside(2)],
  )
  await orders.query(`insert into warehouse_stock (warehouse_id, sku_id, quantity) values ('w', 'mug', 9)`)
  await orders.query(`insert into warehouse_return (order_id, return_id) values (1, 'r')`)
  await orders.query(`insert into product_sale (product_id, sold) values ('p', 2)`)
  await redis.hset('stock:{mug}', { available: 7, reserved: 2, sold: 1, version: 9, pending: 0 })
  await redis.hset('{orders:stock-hint}', 'mug', 7)
})

const find = async () => (await findFaults(places)).faults.map(({ rule }) => rule)
const inOrders = (sql: string) => () => orders.query(sql)
const inProducts = (sql: string) => () => products.query(sql)

/** How each rule is broken by hand. */
const ways: Record<string, () => Promise<unknown>> = {
  'reserved units are those of open reservations': inProducts('update stock set reserved = 3, available = 6'),
  'sold units are those of committed reservations that did not come back': inProducts(
    'update stock set sold = 2, available = 6',
  ),
  'available, reserved and sold are together what the ledger brought in': inProducts(
    'update stock set available = 8',
  ),
  'every movement of stock is told to the warehouses': inProducts(
    'update stock_ledger set published = false',
  ),
  'a sold order is paid and allocated': inOrders(
    `update allocation set status = 'RELEASED' where order_id = 1`,
  ),
  'an order that was undone holds neither money nor goods': inOrders(
    `update payment set status = 'SUCCEEDED' where order_id = 2`,
  ),
  'goods are where their order says': inOrders(
    `update allocation set status = 'ALLOCATED' where order_id = 1`,
  ),
  'money is only taken for an order, and goods are only set aside for one': inOrders(
    `insert into payment (order_id, status) values (4, 'INITIATED')`,
  ),
  'a payment is of what its order costs': inOrders('update payment set amount = 501 where order_id = 1'),
  'a payment is refunded by what was given back, and never by more': inOrders(
    `insert into payment_refund (order_id, refund_id, amount, status) values (1, 'g', 301, 'REQUESTED')`,
  ),
  'nothing is given back that was not paid': inOrders(
    `update payment set status = 'FAILED' where order_id = 2`,
  ),
  'what an ended order has to give back is given back': inOrders(
    `update payment_refund set status = 'REQUESTED' where order_id = 2`,
  ),
  'an order counts the refunds that its payment gave': inOrders(
    `update payment_refund set amount = 100 where order_id = 1`,
  ),
  'a product has sold what its sold orders hold': inOrders('update product_sale set sold = 3'),
  'an order that moves is looked at again': inOrders('update "order" set check_at = null'),
  'every return of goods is on a shelf': inOrders('delete from warehouse_return'),
  'a history begins with the order being placed': inOrders('delete from order_event where order_id = 3'),
  'a history is not ahead of its order, and its time does not run backwards': inOrders(
    'update "order" set version = 3 where id = 1',
  ),
  'what happens once in a history happens once': inOrders(
    `update order_event set type = 'payment-succeeded' where order_id = 1 and version = 2`,
  ),
  'nothing is paid after it was refunded or closed': inOrders(
    `update order_event set type = case version when 2 then 'payment-refunded' else 'payment-succeeded' end
     where order_id = 2 and version in (2, 5)`,
  ),
  'an order is undone from its last step to its first': inOrders(
    `update order_event set type = case version when 4 then 'stock-released' else 'warehouse-released' end
     where order_id = 2 and version in (4, 6)`,
  ),
  'an order that was undone has no step left': inOrders(
    `update "order" set saga = jsonb_set(saga, '{steps,0,status}', '"DONE"') where id = 2`,
  ),
  'reservation and order fit': inProducts(`update reservation set status = 'RESERVED' where order_id = 2`),
  'nothing is reserved for nobody': inProducts(`update reservation set order_id = 5 where order_id = 3`),
  'a SKU has sold what its sold orders hold and did not bring back': inProducts('update stock set sold = 2'),
  'goods on shelves and set aside are what adjustments and returns brought': inOrders(
    'update warehouse_stock set quantity = 8',
  ),
  'every return of goods can be sold again': inProducts('delete from stock_return'),
  'the live copy of stock is the stock': () => redis.hset('stock:{mug}', 'available', 8),
  'the gate holds nothing for orders that are decided': () => redis.hset('stock:{mug}', 'pending', 1),
  'what orders think is available is available': () => redis.hset('{orders:stock-hint}', 'mug', 0),
}

describe('the consistency check', () => {
  it('finds nothing where everything adds up', async () => {
    expect(await findFaults(places)).toEqual({ orders: 3, skus: 1, moving: 1, needAttention: [], faults: [] })
  })

  it('names orders that a person must look at', async () => {
    await orders.query('update "order" set needs_attention = true where id = 3')
    expect((await findFaults(places)).needAttention).toEqual(['3'])
  })

  it.each([...rules.keys()])('sees when it does not hold that %s', async (rule) => {
    const breakIt = ways[rule]
    if (!breakIt) throw new Error('Nobody has shown how this rule is broken')
    await breakIt()
    expect(await find()).toContain(rule)
  })

  // That a payment is looked at again does not yet give the money back.
  it.each([...rules.values()].filter(({ repair }) => repair && repair !== 'wake-payment'))(
    'mends it when it does not hold that $rule',
    async ({ rule }) => {
      await ways[rule]?.()
      await repairFaults(places, (await findFaults(places)).faults)
      expect(await find()).toEqual([])
    },
  )

  it('has advice for a person wherever it cannot mend by itself', () => {
    expect([...rules.values()].filter(({ repair, advice }) => !repair && !advice)).toEqual([])
  })

  it('removes a copy that claims to be newer than the stock', async () => {
    await redis.hset('stock:{mug}', { version: 99, available: 1 })
    await repairFaults(places, (await findFaults(places)).faults)
    expect(await redis.exists('stock:{mug}')).toBe(0)
    expect(await find()).toEqual([])
  })

  it('wakes a payment whose money is not yet back', async () => {
    await ways['what an ended order has to give back is given back']?.()
    await repairFaults(places, (await findFaults(places)).faults)
    const { rows } = await orders.query('select order_id::text from payment where check_at <= now()')
    expect(rows).toEqual([{ order_id: '2' }])
  })

  it('wakes orders that stand still', async () => {
    await orders.query(
      `update "order" set check_at = now() + interval '1 hour', updated_at = now() - interval '2 minutes'`,
    )
    await repairFaults(places, [])
    const { rows } = await orders.query('select id::text from "order" where check_at <= now()')
    expect(rows).toEqual([{ id: '3' }])
  })
})
