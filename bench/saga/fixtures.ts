import pg from 'pg'
import { skuIdOf } from './request.ts'
import type { Databases } from './stage.ts'

const units = 100_000_000

/** Puts articles on the shelves of a side as the catalogue and the ledger would have. */
export async function fillDatabases(databases: Databases, skus: number): Promise<void> {
  const ids = Array.from({ length: skus }, (_, index) => skuIdOf(index))
  await withClient(databases.products, async (client) => {
    await client.query(
      `insert into stock_ledger (id, sku_id, warehouse_id, delta, reason, idempotency_key, input_hash, remaining, published)
       select id, id, 'wh-shanghai', $2::int, 'bench', id, '', $2::int, true from unnest($1::text[]) as id`,
      [ids, units],
    )
    await client.query(
      `insert into stock (sku_id, available, reserved, sold, version)
       select id, $2::int, 0, 0, 1 from unnest($1::text[]) as id`,
      [ids, units],
    )
  })
  await withClient(databases.orders, async (client) => {
    await client.query(
      `insert into warehouse (id, name, region, position) values
         ('wh-shanghai', 'Shanghai', 'Shanghai', 0), ('wh-beijing', 'Beijing', 'Beijing', 1)`,
    )
    await client.query(
      `insert into warehouse_stock (warehouse_id, sku_id, quantity)
       select 'wh-shanghai', id, $2::int from unnest($1::text[]) as id`,
      [ids, units],
    )
    await client.query(
      `insert into sku_snapshot (id, product_id, code, name, options, price, currency, archived, version)
       select id, 'product-' || id, id, 'Bench ' || id, '[{"name":"Color","value":"White"}]', 1990, 'CNY', false, 1
       from unnest($1::text[]) as id`,
      [ids],
    )
  })
}

/** Runs something on a connection of its own. */
export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
