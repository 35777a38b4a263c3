import type { Redis } from 'ioredis'
import type pg from 'pg'
import type { Fault, Rule } from './rule.ts'

/** What must hold of the copies in Redis. */
export const redisRules = {
  copy: { rule: 'the live copy of stock is the stock', repair: 'live-stock' },
  gate: { rule: 'the gate holds nothing for orders that are decided', repair: 'live-stock' },
  hint: { rule: 'what orders think is available is available', repair: 'stock-hint' },
} as const satisfies Record<string, Rule>

/** A SKU's units as PostgreSQL has them. */
export interface StockRow {
  sku_id: string
  available: number
  reserved: number
  sold: number
  version: string
}

export const hintKey = '{orders:stock-hint}'
export const copyKey = (skuId: string) => `stock:{${skuId}}`
export const askedKey = (skuId: string) => `stock:{${skuId}}:asked`

export const loadStock = async (products: pg.Client) =>
  (await products.query<StockRow>('select sku_id, available, reserved, sold, version::text from stock')).rows

/** Redis is a copy; where it has a SKU, it must say what PostgreSQL says. Reads only. */
export async function compareRedis(products: pg.Client, redis: Redis): Promise<Fault[]> {
  const rows = await loadStock(products)
  const copies = await Promise.all(
    rows.map(({ sku_id }) =>
      redis.hmget(copyKey(sku_id), 'available', 'reserved', 'sold', 'version', 'pending'),
    ),
  )
  const asked = await Promise.all(rows.map(({ sku_id }) => redis.hlen(askedKey(sku_id))))
  const hints = rows.length === 0 ? [] : await redis.hmget(hintKey, ...rows.map(({ sku_id }) => sku_id))
  return rows.flatMap(({ sku_id: subject, available, reserved, sold, version }, index) => {
    const [...copy] = copies[index] ?? []
    const pending = copy.pop() ?? '0'
    const expected = [available, reserved, sold, version].join('/')
    const actual = copy.map((value) => value ?? '-').join('/')
    const hint = hints[index] ?? null
    return [
      ...(actual === '-/-/-/-' || actual === expected
        ? []
        : [{ ...named('copy'), subject, expected, actual }]),
      ...(pending === '0' && asked[index] === 0
        ? []
        : [
            {
              ...named('gate'),
              subject,
              expected: '0 units',
              actual: `${pending} units of ${asked[index]} orders`,
            },
          ]),
      ...(hint === null || hint === String(available)
        ? []
        : [{ ...named('hint'), subject, expected: String(available), actual: hint }]),
    ]
  })
}

const named = (key: keyof typeof redisRules) => ({ rule: redisRules[key].rule })
