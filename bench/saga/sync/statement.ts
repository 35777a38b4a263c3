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

/** The strongest chain: one statement per step, which commits by itself. */
export function createStatementSteps(pool: pg.Pool): Steps {
  const one = async (statement: pg.QueryConfig, what: string) => {
    const { rowCount } = await pool.query(statement)
    if (rowCount !== 1) throw new Error(`Not done: ${what}`)
  }
  return {
    async knowSku(skuId) {
      const { rows } = await pool.query<SkuKnowledge>(knowSkuStatement([skuId]))
      return knowledgeOf(rows[0])
    },
    place: (order) => one(place([...valuesOf(order), schemaVersion]), 'placing'),
    reserve: (order) =>
      one(reserve([order.skuId, order.quantity, order.orderId, reservedLines(order), expiry()]), 'reserving'),
    pay: (order) => one(pay([order.orderId, order.amount, order.currency, contextOf(order)]), 'paying'),
    allocate: (order) =>
      one(
        allocate([order.warehouseId, order.skuId, order.quantity, order.orderId, allocationsOf(order)]),
        'allocating',
      ),
    confirm(order) {
      const now = new Date()
      const [line] = order.lines
      return one(
        confirm([
          order.id,
          doneSaga(order, now.toISOString()),
          now,
          history,
          schemaVersion,
          line?.productId,
          line?.quantity,
        ]),
        'confirming',
      )
    },
    sell: (order) => one(sell([order.orderId, order.skuId, order.quantity]), 'selling'),
  }
}

const place = prepared(
  'place',
  `with placed as (${insertOrder} on conflict (customer_id, idempotency_key) do nothing returning id, placed_at)
  insert into order_event (order_id, version, type, at, schema_version)
  select id, 1, 'order-placed', placed_at, $14::int from placed`,
)

const reserve = prepared(
  'reserve',
  `with held as (
    update stock set available = available - $2::int, reserved = reserved + $2::int, version = version + 1, changed_at = now()
    where sku_id = $1 and available >= $2::int returning sku_id
  )
  insert into reservation (order_id, status, lines, shortages, expires_at)
  select $3, 'RESERVED', $4::jsonb, '[]'::jsonb, $5 from held`,
)

const pay = prepared(
  'pay',
  `insert into payment (order_id, status, method, amount, currency, context)
  values ($1, 'SUCCEEDED', 'SANDBOX', $2, $3, $4::jsonb) on conflict do nothing`,
)

const allocate = prepared(
  'allocate',
  `with taken as (
    update warehouse_stock set quantity = quantity - $3::int
    where warehouse_id = $1 and sku_id = $2 and quantity >= $3::int returning sku_id
  )
  insert into allocation (order_id, status, allocations) select $4, 'ALLOCATED', $5::jsonb from taken`,
)

const confirm = prepared(
  'confirm',
  `with confirmed as (
    update "order" set status = 'CONFIRMED', saga = $2::jsonb, version = 4, updated_at = $3::timestamptz
    where id = $1 and status = 'PLACED' returning id
  ), told as (
    insert into order_event (order_id, version, type, at, schema_version)
    select id, 1 + position, type, $3::timestamptz, $5::int
    from confirmed, unnest($4::text[]) with ordinality as h(type, position)
  ), noted as (
    insert into notification (order_id, kind, status, details, created_at)
    select id, 'order-confirmed', 'RECORDED', '{}'::jsonb, $3::timestamptz from confirmed
  )
  insert into product_sale (product_id, sold) select $6, $7::int from confirmed
  on conflict (product_id) do update set sold = product_sale.sold + excluded.sold`,
)

const sell = prepared(
  'sell',
  `with committed as (
    update reservation set status = 'COMMITTED' where order_id = $1 and status = 'RESERVED' returning order_id
  )
  update stock set reserved = reserved - $3::int, sold = sold + $3::int, version = version + 1, changed_at = now()
  from committed where sku_id = $2`,
)
