import type pg from 'pg'
import { isSold, isUndone, type Fault, type Rule } from './rule.ts'

/** What must hold between products and orders, which share no database. */
export const rulesBetween = {
  reservation: {
    rule: 'reservation and order fit',
    advice:
      'A stock-release or order-confirmed was lost: look in the dead-letter topics, then publish it again.',
  },
  nobody: {
    rule: 'nothing is reserved for nobody',
    advice: 'An order is missing: restore it, or release its reservation.',
  },
  sold: {
    rule: 'a SKU has sold what its sold orders hold and did not bring back',
    advice: 'Compare the reservations of the SKU with its orders, then adjustStock.',
  },
  shelves: {
    rule: 'goods on shelves and set aside are what adjustments and returns brought',
    advice: 'Count the shelf; look for stock-adjusted and order-returned in their dead-letter topics.',
  },
  returns: {
    rule: 'every return of goods can be sold again',
    advice: 'Look for order-returned in its dead-letter topic.',
  },
} as const satisfies Record<string, Rule>

/** Compares the two databases. Reads only. */
export async function compareDatabases(products: pg.Client, orders: pg.Client): Promise<Fault[]> {
  return [
    ...(await compareReservations(products, orders)),
    ...differences(
      rulesBetween.sold.rule,
      await amounts(orders, soldSql),
      await amounts(products, soldStockSql),
    ),
    ...differences(
      rulesBetween.shelves.rule,
      await amounts(products, broughtSql),
      await amounts(orders, shelvesSql),
    ),
    ...differences(
      rulesBetween.returns.rule,
      await amounts(orders, returnsSql),
      await amounts(products, takenBackSql),
    ),
  ]
}

/** What products hold for an order must fit what orders say of it. */
async function compareReservations(products: pg.Client, orders: pg.Client): Promise<Fault[]> {
  const stands = await texts(
    orders,
    `select id::text as subject, case when ${isSold} then 'SOLD' when ${isUndone} then 'UNDONE' else status end as value
     from "order" o`,
  )
  const held = await texts(products, 'select order_id::text as subject, status as value from reservation')
  const misfits = [...stands].flatMap(([subject, expected]) => {
    const actual = held.get(subject) ?? 'none'
    return fits(expected, actual) ? [] : [{ rule: rulesBetween.reservation.rule, subject, expected, actual }]
  })
  const strays = [...held].flatMap(([subject, actual]) =>
    ['RESERVED', 'COMMITTED'].includes(actual) && !stands.has(subject)
      ? [{ rule: rulesBetween.nobody.rule, subject, expected: 'an order', actual }]
      : [],
  )
  return [...misfits, ...strays]
}

function fits(order: string, reservation: string): boolean {
  if (order === 'SOLD') return reservation === 'COMMITTED'
  return order !== 'UNDONE' || ['none', 'REJECTED', 'RELEASED'].includes(reservation)
}

function differences(
  rule: string,
  expected: ReadonlyMap<string, number>,
  actual: ReadonlyMap<string, number>,
): Fault[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].flatMap((subject) => {
    const [should, is] = [expected.get(subject) ?? 0, actual.get(subject) ?? 0]
    return should === is ? [] : [{ rule, subject, expected: String(should), actual: String(is) }]
  })
}

const linesOf = (json: string) => `jsonb_to_recordset(${json}) as l("skuId" text, quantity int)`
const returnsOf = `jsonb_to_recordset(coalesce(o.saga->'returns', '[]')) as r(id text, "warehouseId" text, lines jsonb)`

const soldSql = `
  select subject, sum(units)::int as value from (
    select l."skuId" as subject, l.quantity as units from "order" o, ${linesOf('o.lines')} where ${isSold}
    union all select l."skuId", -l.quantity from "order" o, ${returnsOf}, ${linesOf('r.lines')}
  ) moved group by 1`
const soldStockSql = 'select sku_id as subject, sold as value from stock'

const broughtSql = `
  select warehouse_id || ' ' || sku_id as subject, sum(delta)::int as value from stock_ledger group by 1`
const shelvesSql = `
  select subject, sum(units)::int as value from (
    select warehouse_id || ' ' || sku_id as subject, quantity as units from warehouse_stock
    union all
    select set_aside."warehouseId" || ' ' || l."skuId", l.quantity from allocation a,
      jsonb_to_recordset(a.allocations) as set_aside("warehouseId" text, lines jsonb), ${linesOf('set_aside.lines')}
    where a.status in ('ALLOCATED', 'SHIPPED', 'DELIVERED')
    union all
    select r."warehouseId" || ' ' || l."skuId", -l.quantity from "order" o, ${returnsOf}, ${linesOf('r.lines')}
  ) goods group by 1`

const returnsSql = `
  select o.id || ' ' || r.id as subject, sum(l.quantity)::int as value
  from "order" o, ${returnsOf}, ${linesOf('r.lines')} group by 1`
const takenBackSql = `
  select order_id || ' ' || return_id as subject, sum(l.quantity)::int as value
  from stock_return r, ${linesOf('r.lines')} group by 1`

async function texts(client: pg.Client, sql: string): Promise<Map<string, string>> {
  const { rows } = await client.query<{ subject: string; value: string }>(sql)
  return new Map(rows.map(({ subject, value }) => [subject, value]))
}

async function amounts(client: pg.Client, sql: string): Promise<Map<string, number>> {
  const { rows } = await client.query<{ subject: string; value: number }>(sql)
  return new Map(rows.map(({ subject, value }) => [subject, value]))
}
