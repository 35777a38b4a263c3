import type pg from 'pg'
import {
  allocationsOf,
  contextOf,
  doneSaga,
  expiry,
  history,
  insertOrder,
  knowSkuStatement,
  knowledgeOf,
  prepared,
  reservedLines,
  valuesOf,
  type Steps,
} from './steps.ts'
import { schemaVersion } from '../../../subgraphs/orders/src/history/stored-event.ts'
import type { SkuKnowledge } from '../../../subgraphs/orders/src/domain/placement.ts'

/** The ordinary chain: a step begins a transaction, looks, writes table by table, and commits. */
export function createTransactionSteps(pool: pg.Pool): Steps {
  return {
    async knowSku(skuId) {
      const { rows } = await pool.query<SkuKnowledge>(knowSkuStatement([skuId]))
      return knowledgeOf(rows[0])
    },
    place: (order) =>
      within(pool, async (client) => {
        await client.query(placeOrder(valuesOf(order)))
        await client.query(insertEvent([order.id, order.placedAt, schemaVersion]))
      }),
    reserve: (order) =>
      within(pool, async (client) => {
        const { rows } = await client.query<{ available: number }>(lockStock([order.skuId]))
        if ((rows[0]?.available ?? 0) < order.quantity) throw new Error('Not enough units')
        await client.query(hold([order.skuId, order.quantity]))
        await client.query(insertReservation([order.orderId, reservedLines(order), expiry()]))
      }),
    pay: (order) =>
      within(pool, async (client) => {
        await client.query(openPayment([order.orderId, order.amount, order.currency, contextOf(order)]))
        await client.query(capture([order.orderId]))
      }),
    allocate: (order) =>
      within(pool, async (client) => {
        const { rows } = await client.query<{ quantity: number }>(lockShelf([order.warehouseId, order.skuId]))
        if ((rows[0]?.quantity ?? 0) < order.quantity) throw new Error('Not enough on the shelf')
        await client.query(takeFromShelf([order.warehouseId, order.skuId, order.quantity]))
        await client.query(insertAllocation([order.orderId, allocationsOf(order)]))
      }),
    confirm: (order) =>
      within(pool, async (client) => {
        const now = new Date()
        const [line] = order.lines
        const { rows } = await client.query<{ status: string }>(lockOrder([order.id]))
        if (rows[0]?.status !== 'PLACED') throw new Error('This order cannot be confirmed')
        await client.query(confirmOrder([order.id, doneSaga(order, now.toISOString()), now]))
        await client.query(insertHistory([order.id, now, history, schemaVersion]))
        await client.query(insertNotice([order.id, now]))
        await client.query(countSale([line?.productId, line?.quantity]))
      }),
    sell: (order) =>
      within(pool, async (client) => {
        await client.query(lockStock([order.skuId]))
        const { rowCount } = await client.query(commitReservation([order.orderId]))
        if (rowCount !== 1) throw new Error('There is no reservation')
        await client.query(sellUnits([order.skuId, order.quantity]))
      }),
  }
}

async function within(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await work(client)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

const placeOrder = prepared('place-order', insertOrder)
const insertEvent = prepared(
  'insert-event',
  `insert into order_event (order_id, version, type, at, schema_version) values ($1, 1, 'order-placed', $2, $3)`,
)
const lockStock = prepared('lock-stock', `select available from stock where sku_id = $1 for update`)
const hold = prepared(
  'hold',
  `update stock set available = available - $2::int, reserved = reserved + $2::int, version = version + 1, changed_at = now()
  where sku_id = $1`,
)
const insertReservation = prepared(
  'insert-reservation',
  `insert into reservation (order_id, status, lines, shortages, expires_at)
  values ($1, 'RESERVED', $2::jsonb, '[]'::jsonb, $3)`,
)
const openPayment = prepared(
  'open-payment',
  `insert into payment (order_id, status, method, amount, currency, context)
  values ($1, 'INITIATED', 'SANDBOX', $2, $3, $4::jsonb) on conflict do nothing`,
)
const capture = prepared(
  'capture',
  `update payment set status = 'SUCCEEDED', updated_at = now() where order_id = $1 and status = 'INITIATED'`,
)
const lockShelf = prepared(
  'lock-shelf',
  `select quantity from warehouse_stock where warehouse_id = $1 and sku_id = $2 for update`,
)
const takeFromShelf = prepared(
  'take-from-shelf',
  `update warehouse_stock set quantity = quantity - $3::int where warehouse_id = $1 and sku_id = $2`,
)
const insertAllocation = prepared(
  'insert-allocation',
  `insert into allocation (order_id, status, allocations) values ($1, 'ALLOCATED', $2::jsonb)`,
)
const lockOrder = prepared('lock-order', `select status from "order" where id = $1 for update`)
const confirmOrder = prepared(
  'confirm-order',
  `update "order" set status = 'CONFIRMED', saga = $2::jsonb, version = 4, updated_at = $3 where id = $1`,
)
const insertHistory = prepared(
  'insert-history',
  `insert into order_event (order_id, version, type, at, schema_version)
  select $1, 1 + position, type, $2, $4::int
  from unnest($3::text[]) with ordinality as h(type, position)`,
)
const insertNotice = prepared(
  'insert-notice',
  `insert into notification (order_id, kind, status, details, created_at)
  values ($1, 'order-confirmed', 'RECORDED', '{}'::jsonb, $2)`,
)
const countSale = prepared(
  'count-sale',
  `insert into product_sale (product_id, sold) values ($1, $2::int)
  on conflict (product_id) do update set sold = product_sale.sold + excluded.sold`,
)
const commitReservation = prepared(
  'commit-reservation',
  `update reservation set status = 'COMMITTED' where order_id = $1 and status = 'RESERVED'`,
)
const sellUnits = prepared(
  'sell-units',
  `update stock set reserved = reserved - $2::int, sold = sold + $2::int, version = version + 1, changed_at = now()
  where sku_id = $1`,
)
