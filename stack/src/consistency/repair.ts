import type { Redis } from 'ioredis'
import type pg from 'pg'
import { askedKey, copyKey, hintKey, loadStock } from './redis.ts'
import { isMoving, isSold, type Fault, type Repair } from './rule.ts'

/** Where the data is. */
export interface Stores {
  products: pg.Client
  orders: pg.Client
  redis: Redis
}

/** Mends what can be mended without losing anything, also while the mall runs; answers with the subjects of each. */
export async function repair(
  faults: readonly (Fault & { repair: Repair })[],
  stores: Stores,
): Promise<Map<Repair, string[]>> {
  const bySort = Map.groupBy(faults, (fault) => fault.repair)
  const done = new Map<Repair, string[]>()
  for (const [kind, group] of bySort) {
    const subjects = [...new Set(group.map(({ subject }) => subject))]
    await mendings[kind](subjects, stores)
    done.set(kind, subjects)
  }
  return done
}

const mendings: Record<Repair, (subjects: string[], stores: Stores) => Promise<unknown>> = {
  'live-stock': mendLiveStock,
  // Orders ask products where they have no hint.
  'stock-hint': (skuIds, { redis }) => redis.hdel(hintKey, ...skuIds),
  'product-sales': mendSales,
  'wake-order': (ids, { orders }) =>
    orders.query(`update "order" o set check_at = now() where id = any($1::bigint[]) and ${isMoving}`, [ids]),
  'wake-payment': (ids, { orders }) =>
    orders.query('update payment set check_at = now() where order_id = any($1::bigint[])', [ids]),
}

/**
 * Takes over PostgreSQL's figures. A copy that says it is newer is removed instead: either it changed in this moment, or
 * PostgreSQL was restored from a backup; without a copy readers and the gate turn to PostgreSQL.
 */
const takeOver = `
redis.call('del', KEYS[2])
redis.call('hdel', KEYS[1], 'pending')
local version = redis.call('hget', KEYS[1], 'version')
if version and tonumber(version) > tonumber(ARGV[4]) then return redis.call('del', KEYS[1]) end
redis.call('hset', KEYS[1], 'available', ARGV[1], 'reserved', ARGV[2], 'sold', ARGV[3], 'version', ARGV[4])
return 0`

async function mendLiveStock(skuIds: string[], { products, redis }: Stores): Promise<void> {
  const wanted = new Set(skuIds)
  for (const { sku_id, available, reserved, sold, version } of await loadStock(products))
    if (wanted.has(sku_id))
      await redis.eval(takeOver, 2, copyKey(sku_id), askedKey(sku_id), available, reserved, sold, version)
}

/** Adds what is missing rather than setting the sum: an order that is confirmed meanwhile adds its own. */
function mendSales(productIds: string[], { orders }: Stores): Promise<unknown> {
  return orders.query(
    `with counted as (
       select l."productId" as product_id, sum(l.quantity)::int as units
       from "order" o, jsonb_to_recordset(o.lines) as l("productId" text, quantity int) where ${isSold} group by 1)
     insert into product_sale (product_id, sold)
     select wanted.id, coalesce(c.units, 0) - coalesce(s.sold, 0) from unnest($1::text[]) as wanted(id)
     left join counted c on c.product_id = wanted.id left join product_sale s on s.product_id = wanted.id
     on conflict (product_id) do update set sold = product_sale.sold + excluded.sold`,
    [productIds],
  )
}
