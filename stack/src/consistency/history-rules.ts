import { isUndone, type SqlRule } from './rule.ts'

const advice = 'Read the timeline of the order; its saga and its participants must be compared by hand.'

/** The last version at which an event of a type stands in an order's history. */
const last = (type: string) => `max(e.version) filter (where e.type = '${type}')`

/** What must hold in the histories of orders, in the orders database. */
export const historyRules: readonly SqlRule[] = [
  {
    rule: 'a history begins with the order being placed',
    advice,
    sql: `
      select o.id::text as subject, 'order-placed at 1' as expected,
        coalesce((select e.type || ' at ' || e.version from order_event e where e.order_id = o.id
          order by e.version limit 1), 'nothing') as actual
      from "order" o
      where not exists (select 1 from order_event e where e.order_id = o.id and e.version = 1 and e.type = 'order-placed')`,
  },
  {
    rule: 'a history is not ahead of its order, and its time does not run backwards',
    advice,
    sql: `
      with step as (
        select order_id, version, at, lag(at) over (partition by order_id order by version) as before from order_event)
      select o.id::text as subject, 'up to ' || o.version as expected, 'version ' || s.version || ' at ' || s.at as actual
      from "order" o join step s on s.order_id = o.id
      where s.version > o.version or s.at < s.before - interval '5 s'`,
  },
  {
    rule: 'what happens once in a history happens once',
    advice,
    sql: `
      select order_id::text as subject, 'one ' || type as expected, count(*)::text as actual from order_event
      where type in ('order-placed', 'stock-reserved', 'payment-succeeded', 'warehouse-allocated', 'warehouse-released',
        'payment-closed')
      group by order_id, type having count(*) > 1`,
  },
  {
    rule: 'nothing is paid after it was refunded or closed',
    advice,
    sql: `
      select order_id::text as subject, 'payment before refund' as expected,
        'paid at ' || ${last('payment-succeeded')} || ', given back at ' ||
          min(e.version) filter (where e.type in ('payment-refunded', 'payment-closed')) as actual
      from order_event e group by order_id
      having ${last('payment-succeeded')} > min(e.version) filter (where e.type in ('payment-refunded', 'payment-closed'))`,
  },
  {
    rule: 'an order is undone from its last step to its first',
    advice,
    sql: `
      select order_id::text as subject, 'goods, money, then stock' as expected,
        concat_ws(', ', 'goods at ' || ${last('warehouse-released')}, 'money at ' || ${last('payment-closed')},
          'stock at ' || ${last('stock-released')}) as actual
      from order_event e join "order" o on o.id = e.order_id
      where ${isUndone}
      group by order_id
      having ${last('warehouse-released')} > coalesce(${last('stock-released')}, 0)
        or ${last('payment-closed')} > coalesce(${last('stock-released')}, 0)
        or ${last('warehouse-released')} > ${last('payment-closed')}`,
  },
  {
    rule: 'an order that was undone has no step left',
    advice,
    sql: `
      select o.id::text as subject, 'every step undone, skipped or failed' as expected,
        string_agg(step->>'name' || ' ' || (step->>'status'), ', ') as actual
      from "order" o, jsonb_array_elements(o.saga->'steps') step
      where ${isUndone} and step->>'status' in ('DONE', 'RUNNING', 'PENDING') group by o.id`,
  },
]
