import type { CatalogueChanged, StockChanged } from '@mall/contracts'
import type { Redis } from 'ioredis'
import type { SkuKnowledge } from '../domain/placement.ts'
import type { SkuSnapshot } from '../generated/prisma/client.ts'
import type { Database } from './database.ts'

/**
 * What orders know of SKUs: name, price and whether they are sold in PostgreSQL (from `catalogue-changed`), and a hint
 * of their stock in Redis (from `stock-changed`). The hint saves hopeless sagas; losing it loses nothing.
 */
export type SkuSnapshots = ReturnType<typeof createSkuSnapshots>

const hintKey = '{orders:stock-hint}'

export function createSkuSnapshots(db: Database, redis: Redis) {
  // A Redis that has restarted may have lost its last second. A hint that stayed at zero would refuse every order of its
  // SKU, so that nothing would ever change it; without one, products decide.
  redis.on('ready', () => void redis.del(hintKey).catch(() => {}))

  return {
    /** What is known of these SKUs, by id; unknown ids are left out. */
    async load(skuIds: readonly string[]): Promise<Map<string, SkuKnowledge>> {
      const ids = [...new Set(skuIds)]
      if (ids.length === 0) return new Map()
      const [rows, hints] = await Promise.all([
        db.$queryRaw<SkuSnapshot[]>`
          select id, product_id as "productId", code, name, options, price, currency, archived, version
          from sku_snapshot where id = any(${ids}::text[])`,
        redis.hmget(hintKey, ...ids).catch(() => []),
      ])
      const hintOf = new Map(ids.map((id, index) => [id, hints[index] ?? null]))
      return new Map(rows.map((row) => [row.id, knowledgeOf(row, hintOf.get(row.id) ?? null)]))
    },

    /** Takes over the state of products; an older version than the known one changes nothing. */
    async saveCatalogue(products: readonly CatalogueChanged[]): Promise<void> {
      const rows = products.flatMap(({ productId, name, archived, version, skus }) =>
        skus.map((sku) => ({
          ...sku,
          product_id: productId,
          name,
          version,
          archived: archived || sku.archived,
        })),
      )
      await db.$executeRaw`
        insert into sku_snapshot (id, product_id, code, name, options, price, currency, archived, version)
        select distinct on (id) id, product_id, code, name, options, price, currency, archived, version
        from json_populate_recordset(null::sku_snapshot, ${JSON.stringify(rows)}::json)
        order by id, version desc
        on conflict (id) do update set product_id = excluded.product_id, code = excluded.code, name = excluded.name,
          options = excluded.options, price = excluded.price, currency = excluded.currency,
          archived = excluded.archived, version = excluded.version
        where sku_snapshot.version <= excluded.version`
    },

    /** Takes over the newest stock of SKUs; instances of products may tell of one SKU in another order. */
    async saveStock(changes: readonly StockChanged[]): Promise<void> {
      const args = changes.flatMap(({ skuId, available, version }) => [skuId, available, version])
      await redis.eval(hintScript, 2, hintKey, hintVersionKey, ...args)
    },
  }
}

const hintVersionKey = `${hintKey}:version`

/** KEYS: hints, their versions. ARGV: SKU, available and version of each; only a newer version is taken over. */
const hintScript = `
for i = 1, #ARGV, 3 do
  if tonumber(redis.call('hget', KEYS[2], ARGV[i]) or '-1') <= tonumber(ARGV[i + 2]) then
    redis.call('hset', KEYS[1], ARGV[i], ARGV[i + 1])
    redis.call('hset', KEYS[2], ARGV[i], ARGV[i + 2])
  end
end`

function knowledgeOf(row: SkuSnapshot, hint: string | null): SkuKnowledge {
  return {
    id: row.id,
    productId: row.productId,
    code: row.code,
    name: row.name,
    options: row.options as unknown as SkuKnowledge['options'],
    price: Number(row.price),
    currency: row.currency as SkuKnowledge['currency'],
    archived: row.archived,
    available: hint === null ? null : Number(hint),
  }
}
