import { isMoving, isSold, isUndone, type SqlRule } from './rule.ts'

const paidAndAllocated = `
  coalesce(p.status, 'no payment') || ' and ' || coalesce(a.status, 'no allocation') as actual
  from "order" o left join payment p on p.order_id = o.id left join allocation a on a.order_id = o.id`

/** What must hold between orders, payments and allocations, in the orders database. */
export const orderRules: readonly SqlRule[] = [
  {
    rule: 'a sold order is paid and allocated',
    advice: 'Refund the order if its goods cannot be found; ship nothing that is not paid.',
    sql: `
      select o.id::text as subject, 'paid and allocated' as expected, ${paidAndAllocated}
      where ${isSold} and (coalesce(p.status, '') not in ('SUCCEEDED', 'PARTIALLY_REFUNDED', 'REFUNDED')
        or coalesce(a.status, '') not in ('ALLOCATED', 'SHIPPED', 'DELIVERED'))`,
  },
  {
    rule: 'an order that was undone holds neither money nor goods',
    advice: 'Refund the payment at its provider and release the allocation by hand.',
    sql: `
      select o.id::text as subject, 'nothing charged or allocated' as expected, ${paidAndAllocated}
      where ${isUndone} and (p.status in ('INITIATED', 'SUCCEEDED', 'PARTIALLY_REFUNDED')
        or a.status in ('ALLOCATED', 'SHIPPED', 'DELIVERED'))`,
  },
  {
    rule: 'goods are where their order says',
    advice: 'Ask the carrier, then ship or deliver the order again.',
    sql: `
      select o.id::text as subject, o.status as expected, a.status as actual
      from "order" o join allocation a on a.order_id = o.id
      where o.status in ('SHIPPED', 'DELIVERED') and a.status <> o.status`,
  },
  {
    rule: 'money is only taken for an order, and goods are only set aside for one',
    advice: 'An order is missing: restore it from a backup before anything is paid back.',
    sql: `
      select order_id::text as subject, 'an order' as expected, 'none' as actual
      from (
        select order_id from payment where status in ('INITIATED', 'SUCCEEDED', 'PARTIALLY_REFUNDED')
        union select order_id from allocation where status in ('ALLOCATED', 'SHIPPED', 'DELIVERED')
      ) participant
      where not exists (select 1 from "order" o where o.id = order_id)`,
  },
  {
    rule: 'a payment is of what its order costs',
    advice: 'Compare with the provider, and refund what is too much.',
    sql: `
      select o.id::text as subject, o.total::text as expected, p.amount::text as actual
      from "order" o join payment p on p.order_id = o.id where p.amount is not null and p.amount <> o.total`,
  },
  {
    rule: 'a payment is refunded by what was given back, and never by more',
    advice: 'Compare with the provider what it really gave back.',
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
    rule: 'nothing is given back that was not paid',
    advice: 'Compare with the provider; money may have been given to somebody who never paid.',
    sql: `
      select r.order_id::text as subject, 'a captured payment' as expected, coalesce(p.status, 'none') as actual
      from payment_refund r left join payment p using (order_id)
      where p.amount is null
        or r.status = 'DONE' and p.status not in ('SUCCEEDED', 'PARTIALLY_REFUNDED', 'REFUNDED')`,
  },
  {
    rule: 'what an ended order has to give back is given back',
    repair: 'wake-payment',
    advice:
      'When it stays so, the provider refuses: give the money back there, and look at the log of orders.',
    sql: `
      select r.order_id::text as subject, 'refunded' as expected, r.refund_id || ' ' || r.status as actual
      from payment_refund r join "order" o on o.id = r.order_id where r.status <> 'DONE' and not ${isMoving}`,
  },
  {
    rule: 'an order counts the refunds that its payment gave',
    advice: 'Compare saga.refunds of the order with payment_refund and with the provider.',
    sql: `
      with counted as (
        select o.id, coalesce(sum((one->>'amount')::bigint), 0) as amount
        from "order" o left join jsonb_array_elements(coalesce(o.saga->'refunds', '[]')) one on one->>'status' = 'DONE'
        where ${isSold} group by o.id
      ), given as (
        select order_id as id, sum(amount) as amount from payment_refund where status = 'DONE' group by 1)
      select c.id::text as subject, c.amount::text as expected, coalesce(g.amount, 0)::text as actual
      from counted c left join given g using (id) where c.amount <> coalesce(g.amount, 0)`,
  },
  {
    rule: 'a product has sold what its sold orders hold',
    repair: 'product-sales',
    sql: `
      with counted as (
        select l."productId" as product_id, sum(l.quantity)::int as units from "order" o,
          jsonb_to_recordset(o.lines) as l("productId" text, quantity int) where ${isSold} group by 1)
      select coalesce(c.product_id, s.product_id) as subject, coalesce(c.units, 0) as expected, coalesce(s.sold, 0) as actual
      from counted c full join product_sale s using (product_id) where coalesce(c.units, 0) <> coalesce(s.sold, 0)`,
  },
  {
    rule: 'an order that moves is looked at again',
    repair: 'wake-order',
    sql: `
      select o.id::text as subject, 'a time for the next check' as expected, 'none' as actual
      from "order" o where ${isMoving} and o.check_at is null`,
  },
  {
    rule: 'every return of goods is on a shelf',
    advice: 'Look for order-returned of the order in its dead-letter topic.',
    sql: `
      select o.id::text as subject, 'return ' || (one->>'id') as expected, 'not counted' as actual
      from "order" o, jsonb_array_elements(coalesce(o.saga->'returns', '[]')) one
      where not exists (
        select 1 from warehouse_return r where r.order_id = o.id and r.return_id = one->>'id')`,
  },
]
