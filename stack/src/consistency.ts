import pg from 'pg'
import { Redis } from 'ioredis'

/** Something that does not add up: what should be equal, where, and the two values. */
export interface Fault {
  rule: string
  subject: string
  expected: string
  actual: string
}

/** What was looked at, and what is wrong. */
export interface Findings {
  orders: number
  skus: number
  /** Orders whose saga has not ended; while there are any, counts may differ. */
  moving: number
  faults: Fault[]
}

interface Row {
  rule: string
  subject: string
  expected: string | number
  actual: string | number
}

// Each rule is one statement that returns only what breaks it.
const stockRules = [
  {
    rule: 'reserved units are those of open reservations',
    sql: `
      with held as (
        select l."skuId" as sku_id, sum(l.quantity) as units from reservation r,
          jsonb_to_recordset(r.lines) as l("skuId" text, quantity int) where r.status = 'RESERVED' group by 1)
      select s.sku_id as subject, coalesce(h.units, 0)::int as expected, s.reserved as actual
      from stock s left join held h using (sku_id) where s.reserved <> coalesce(h.units, 0)`,
  },
  {
    rule: 'sold units are those of committed reservations that did not come back',
    sql: `
      with moved as (
        select lines, 1 as sign from reservation where status = 'COMMITTED'
        union all select lines, -1 from stock_return
      ), done as (
        select l."skuId" as sku_id, sum(sign * l.quantity) as units from moved,
          jsonb_to_recordset(lines) as l("skuId" text, quantity int) group by 1)
      select s.sku_id as subject, coalesce(d.units, 0)::int as expected, s.sold as actual
      from stock s left join done d using (sku_id) where s.sold <> coalesce(d.units, 0)`,
  },
  {
    rule: 'available, reserved and sold are together what the ledger brought in',
    sql: `
      select s.sku_id as subject, coalesce(l.units, 0)::int as expected, s.available + s.reserved + s.sold as actual
      from stock s left join (select sku_id, sum(delta) as units from stock_ledger group by 1) l using (sku_id)
      where s.available + s.reserved + s.sold <> coalesce(l.units, 0)`,
  },
] as const

// An order that ended REFUNDED was either sold and paid back, or undone before it was shipped.
const isSold = `(o.status in ('CONFIRMED', 'SHIPPED', 'DELIVERED')
  or o.status = 'REFUNDED' and o.saga->'steps'->0->>'status' = 'DONE')`
const isUndone = `(o.status = 'CANCELLED' or o.status = 'REFUNDED' and o.saga->'steps'->0->>'status' <> 'DONE')`

const orderRules = [
  {
    rule: 'a sold order is paid and allocated',
    sql: `
      select o.id::text as subject, 'paid and allocated' as expected,
        coalesce(p.status, 'no payment') || ' and ' || coalesce(a.status, 'no allocation') as actual
      from "order" o left join payment p on p.order_id = o.id left join allocation a on a.order_id = o.id
      where ${isSold} and (coalesce(p.status, '') not in ('SUCCEEDED', 'PARTIALLY_REFUNDED', 'REFUNDED')
        or coalesce(a.status, '') not in ('ALLOCATED', 'SHIPPED', 'DELIVERED'))`,
  },
  {
    rule: 'goods are where their order says',
    sql: `
      select o.id::text as subject, o.status as expected, a.status as actual
      from "order" o join allocation a on a.order_id = o.id
      where o.status in ('SHIPPED', 'DELIVERED') and a.status <> o.status`,
  },
  {
    rule: 'an order that was undone holds neither money nor goods',
    sql: `
      select o.id::text as subject, 'nothing charged or allocated' as expected,
        coalesce(p.status, 'no payment') || ' and ' || coalesce(a.status, 'no allocation') as actual
      from "order" o left join payment p on p.order_id = o.id left join allocation a on a.order_id = o.id
      where ${isUndone} and (p.status in ('INITIATED', 'SUCCEEDED', 'PARTIALLY_REFUNDED')
        or a.status in ('ALLOCATED', 'SHIPPED', 'DELIVERED'))`,
  },
  {
    rule: 'a payment is refunded by what was given back, and never by more',
    sql: `
      with given as (
        select order_id, sum(amount) filter (where status = 'DONE') as done, sum(amount) as asked
        from payment_refund group by 1)
      select p.order_id::text as subject, p.status || ' of ' || coalesce(p.amount, 0) as expected,
        coalesce(g.done, 0) || ' of ' || coalesce(g.asked, 0) as actual
      from payment p left join given g using (order_id)
      where coalesce(g.asked, 0) > coalesce(p.amount, 0)
        or (p.status = 'REFUNDED') <> (p.amount is not null and coalesce(g.done, 0) = p.amount)
        or (p.status = 'PARTIALLY_REFUNDED') <> (coalesce(g.done, 0) > 0 and g.done < p.amount)`,
  },
  {
    rule: 'a product has sold what its sold orders hold',
    sql: `
      with counted as (
        select l."productId" as product_id, sum(l.quantity)::int as units from "order" o,
          jsonb_to_recordset(o.lines) as l("productId" text, quantity int) where ${isSold} group by 1)
      select coalesce(c.product_id, s.product_id) as subject, coalesce(c.units, 0) as expected, coalesce(s.sold, 0) as actual
      from counted c full join product_sale s using (product_id) where coalesce(c.units, 0) <> coalesce(s.sold, 0)`,
  },
  {
    rule: 'the history of an order has no gap',
    sql: `
      select o.id::text as subject, 'events from 1 on' as expected, string_agg(e.version::text, ',') as actual
      from "order" o left join order_event e on e.order_id = o.id group by o.id
      having count(e.version) = 0 or min(e.version) <> 1`,
  },
] as const

const movingStatuses = ['PLACED', 'STOCK_RESERVED', 'AWAITING_PAYMENT', 'PAID', 'CANCELLING']

/** What of a mall is looked at; a MallState has it. */
export interface Looked {
  databases: { products: string; orders: string }
  infrastructure: { redis: string }
}

/** Compares stock counters, reservations, payments, allocations and orders. Reads only. */
export async function findFaults({ databases, infrastructure }: Looked): Promise<Findings> {
  const products = new pg.Client({ connectionString: databases.products })
  const orders = new pg.Client({ connectionString: databases.orders })
  const redis = new Redis(infrastructure.redis, { maxRetriesPerRequest: 2 })
  await Promise.all([products.connect(), orders.connect()])
  try {
    const faults: Fault[] = []
    for (const rule of stockRules) faults.push(...(await broken(products, rule)))
    for (const rule of orderRules) faults.push(...(await broken(orders, rule)))
    const statuses = await statusesOf(orders)
    faults.push(...(await compareReservations(products, statuses)))
    faults.push(...(await compareRedis(products, redis)))
    const moving = [...statuses.values()].filter((status) => movingStatuses.includes(status)).length
    const { rows } = await products.query<{ count: number }>('select count(*)::int as count from stock')
    return { orders: statuses.size, skus: rows[0]?.count ?? 0, moving, faults }
  } finally {
    await Promise.all([products.end(), orders.end()])
    redis.disconnect()
  }
}

async function broken(client: pg.Client, { rule, sql }: { rule: string; sql: string }): Promise<Fault[]> {
  const { rows } = await client.query<Row>(sql)
  return rows.map((row) => faultOf({ ...row, rule }))
}

/** SOLD, UNDONE, or the status of an order whose saga goes on. */
async function statusesOf(orders: pg.Client): Promise<Map<string, string>> {
  const { rows } = await orders.query<{ id: string; status: string }>(
    `select id::text as id, case when ${isSold} then 'SOLD' when ${isUndone} then 'UNDONE' else status end as status
     from "order" o`,
  )
  return new Map(rows.map(({ id, status }) => [id, status]))
}

/** What products hold for an order must fit what orders say of it. */
async function compareReservations(
  products: pg.Client,
  orders: ReadonlyMap<string, string>,
): Promise<Fault[]> {
  const { rows } = await products.query<{ id: string; status: string }>(
    'select order_id::text as id, status from reservation',
  )
  const held = new Map(rows.map(({ id, status }) => [id, status]))
  const faults: Fault[] = []
  for (const [id, status] of orders) {
    const reservation = held.get(id) ?? 'none'
    const fits =
      status === 'SOLD'
        ? reservation === 'COMMITTED'
        : status === 'UNDONE'
          ? ['none', 'REJECTED', 'RELEASED'].includes(reservation)
          : true
    if (!fits)
      faults.push({ rule: 'reservation and order fit', subject: id, expected: status, actual: reservation })
  }
  for (const [id, status] of held)
    if (status === 'RESERVED' && !orders.has(id))
      faults.push({
        rule: 'nothing is reserved for nobody',
        subject: id,
        expected: 'an order',
        actual: 'none',
      })
  return faults
}

/** Redis is a copy; where it has a SKU, it must say what PostgreSQL says. */
async function compareRedis(products: pg.Client, redis: Redis): Promise<Fault[]> {
  const { rows } = await products.query<{
    sku_id: string
    available: number
    reserved: number
    sold: number
  }>('select sku_id, available, reserved, sold from stock')
  const copies = await Promise.all(
    rows.map(({ sku_id }) => redis.hmget(`stock:{${sku_id}}`, 'available', 'reserved', 'sold')),
  )
  return rows.flatMap(({ sku_id, available, reserved, sold }, index) => {
    const expected = [available, reserved, sold].join('/')
    const actual = (copies[index] ?? []).map((value) => value ?? '-').join('/')
    return actual === '-/-/-' || actual === expected
      ? []
      : [{ rule: 'the live copy of stock is the stock', subject: sku_id, expected, actual }]
  })
}

const faultOf = ({ rule, subject, expected, actual }: Row): Fault => ({
  rule,
  subject,
  expected: String(expected),
  actual: String(actual),
})
