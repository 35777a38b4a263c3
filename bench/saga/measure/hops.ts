import { withClient } from '../fixtures.ts'
import type { Databases } from '../stage.ts'

/** How long the saga of the orders placed since a moment took from one entry of their history to the next, in words. */
export async function describeHops({ orders }: Databases, since: Date): Promise<string> {
  const rows = await withClient(orders, async (client) => {
    const result = await client.query<{ type: string; p50: number; p95: number }>(
      `select type, percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within group (order by ms) as p95
       from (
         select type, version, extract(epoch from at - lag(at) over (partition by order_id order by version)) * 1000 as ms
         from order_event where order_id in (select id from "order" where placed_at >= $1)
       ) hop
       where ms is not null group by type order by avg(version)`,
      [since],
    )
    return result.rows
  })
  return rows
    .map(({ type, p50, p95 }) => `→ ${type} p50 ${Number(p50).toFixed(1)} p95 ${Number(p95).toFixed(1)} ms`)
    .join(', ')
}
