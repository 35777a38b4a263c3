import type { SqlRule } from './rule.ts'

const advice =
  'Compare reservation, stock_return and stock_ledger of the SKU; adjustStock corrects a counted shelf.'

/** What must hold in the products database. */
export const stockRules: readonly SqlRule[] = [
  {
    rule: 'reserved units are those of open reservations',
    advice,
    sql: `
      with held as (
        select l."skuId" as sku_id, sum(l.quantity) as units from reservation r,
          jsonb_to_recordset(r.lines) as l("skuId" text, quantity int) where r.status = 'RESERVED' group by 1)
      select s.sku_id as subject, coalesce(h.units, 0)::int as expected, s.reserved as actual
      from stock s left join held h using (sku_id) where s.reserved <> coalesce(h.units, 0)`,
  },
  {
    rule: 'sold units are those of committed reservations that did not come back',
    advice,
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
    advice,
    sql: `
      select s.sku_id as subject, coalesce(l.units, 0)::int as expected, s.available + s.reserved + s.sold as actual
      from stock s left join (select sku_id, sum(delta) as units from stock_ledger group by 1) l using (sku_id)
      where s.available + s.reserved + s.sold <> coalesce(l.units, 0)`,
  },
  {
    rule: 'every movement of stock is told to the warehouses',
    advice: 'The outbox of products is stuck: look at its log and whether Kafka takes stock-adjusted.',
    sql: `
      select id as subject, 'published' as expected, 'not published' as actual from stock_ledger where not published`,
  },
]
