import type { MallState } from '@mall/stack'
import pg from 'pg'

/** What became of a run's orders. */
export interface Figures {
  orders: number
  confirmed: number
  cancelled: number
  /** Orders of which at least one step was undone to its end. */
  compensations: number
  /** Steps that were undone to their end. */
  undone: number
  /** From placed to confirmed, or to cancelled unless a customer did that, in milliseconds. */
  slowestDecisionMs: number
}

/** Counts the orders whose keys begin with the run's name. */
export async function countOrders(state: MallState, run: string): Promise<Figures> {
  const [row] = await ask<Figures>(
    state,
    `with mine as (
       select o.*, (select count(*) from jsonb_array_elements(o.saga->'steps') step
         where step->'undo'->>'finishedAt' is not null) as undone,
         (select min(at) from order_event e where e.order_id = o.id
           and e.type in ('warehouse-allocated', 'stock-rejected')) as decided
       from "order" o where idempotency_key like $1 || '-%')
     select count(*)::int as orders,
       count(*) filter (where saga->'steps'->2->>'status' = 'DONE')::int as confirmed,
       count(*) filter (where status = 'CANCELLED')::int as cancelled,
       count(*) filter (where undone > 0)::int as compensations,
       coalesce(sum(undone), 0)::int as undone,
       coalesce(max(extract(epoch from coalesce(decided, case when undone > 0 then updated_at end) - placed_at) * 1000)
         filter (where not exists (select 1 from order_event e where e.order_id = mine.id and e.type = 'cancel-requested')),
         0)::int as "slowestDecisionMs"
     from mine`,
    [run],
  )
  if (!row) throw new Error('PostgreSQL counted nothing')
  return row
}

/** Runs a statement in the orders database. */
export async function ask<Row extends object>(
  state: MallState,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: state.databases.orders })
  await client.connect()
  try {
    return (await client.query<Row>(sql, [...values])).rows
  } finally {
    await client.end()
  }
}
