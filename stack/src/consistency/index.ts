import { Redis } from 'ioredis'
import pg from 'pg'
import type { MallState } from '../mall.ts'
import { compareDatabases, rulesBetween } from './between.ts'
import { historyRules } from './history-rules.ts'
import { orderRules } from './order-rules.ts'
import { compareRedis, redisRules } from './redis.ts'
import { repair, type Stores } from './repair.ts'
import { isMoving, type Fault, type Repair, type Rule, type SqlRule } from './rule.ts'
import { stockRules } from './stock-rules.ts'

export type { Fault, Repair, Rule }

/** Where a mall's data is; a MallState has it. */
export interface DataPlaces {
  databases: Pick<MallState['databases'], 'products' | 'orders'>
  infrastructure: Pick<MallState['infrastructure'], 'redis'>
}

/** What was looked at, and what is wrong. */
export interface Findings {
  orders: number
  skus: number
  /** Orders that somebody must still drive on; while there are any, what their steps touch may differ. */
  moving: number
  /** Orders of which giving something back has been tried in vain for long. */
  needAttention: string[]
  faults: Fault[]
}

/** Every rule by its name. */
export const rules: ReadonlyMap<string, Rule> = new Map(
  [
    ...stockRules,
    ...orderRules,
    ...historyRules,
    ...Object.values(rulesBetween),
    ...Object.values(redisRules),
  ].map((rule): [string, Rule] => [rule.rule, rule]),
)

/**
 * Compares stock counters, reservations, orders, allocations, payments, histories and the copies in Redis. Reads only.
 * All of it holds when nothing moves; under traffic a fault is one that stays (see `settle`).
 */
export function findFaults(places: DataPlaces): Promise<Findings> {
  return withStores(places, async ({ products, orders, redis }) => {
    const faults: Fault[] = []
    for (const rule of stockRules) faults.push(...(await broken(products, rule)))
    for (const rule of [...orderRules, ...historyRules]) faults.push(...(await broken(orders, rule)))
    faults.push(...(await compareDatabases(products, orders)))
    faults.push(...(await compareRedis(products, redis)))
    const [counted] = (
      await orders.query<{ orders: number; moving: number; needs: string[] | null }>(
        `select count(*)::int as orders, count(*) filter (where ${isMoving})::int as moving,
           array_agg(id::text) filter (where needs_attention) as needs from "order" o`,
      )
    ).rows
    const [stock] = (await products.query<{ skus: number }>('select count(*)::int as skus from stock')).rows
    return {
      orders: counted?.orders ?? 0,
      skus: stock?.skus ?? 0,
      moving: counted?.moving ?? 0,
      needAttention: counted?.needs ?? [],
      faults,
    }
  })
}

/** Mends of these faults what can be mended without losing anything, and wakes orders that stand still. */
export function repairFaults(places: DataPlaces, faults: readonly Fault[]): Promise<Map<Repair, string[]>> {
  return withStores(places, async (stores) => {
    const stuck = await stores.orders.query<{ id: string }>(
      `select id::text from "order" o where ${isMoving} and updated_at < now() - interval '1 minute'`,
    )
    const waking = stuck.rows.map(({ id }) => ({
      rule: 'an order that moves is looked at again',
      subject: id,
      expected: '',
      actual: '',
    }))
    const mendable = [...faults, ...waking].flatMap((fault) => {
      const how = rules.get(fault.rule)?.repair
      return how ? [{ ...fault, repair: how }] : []
    })
    return repair(mendable, stores)
  })
}

async function withStores<T>(
  { databases, infrastructure }: DataPlaces,
  work: (stores: Stores) => Promise<T>,
): Promise<T> {
  const products = new pg.Client({ connectionString: databases.products })
  const orders = new pg.Client({ connectionString: databases.orders })
  const redis = new Redis(infrastructure.redis, { maxRetriesPerRequest: 2 })
  redis.on('error', () => {})
  try {
    await Promise.all([products.connect(), orders.connect()])
    return await work({ products, orders, redis })
  } finally {
    await Promise.all([products.end(), orders.end()])
    redis.disconnect()
  }
}

async function broken(client: pg.Client, { rule, sql }: SqlRule): Promise<Fault[]> {
  const { rows } = await client.query<Record<'subject' | 'expected' | 'actual', string | number>>(sql)
  return rows.map(({ subject, expected, actual }) => ({
    rule,
    subject: String(subject),
    expected: String(expected),
    actual: String(actual),
  }))
}
