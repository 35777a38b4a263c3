import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Databases } from '../stage.ts'

/** What a PostgreSQL server has written so far. */
export interface Written {
  walBytes: number
  /** Transactions that wrote something. */
  writing: number
}

/** Reads the counters of a server that only the benchmark uses. */
export async function openCounters(databases: Databases) {
  const client = new pg.Client({ connectionString: databases.orders })
  const products = new pg.Client({ connectionString: databases.products })
  // When the benchmark is interrupted, the server goes first; a lost connection must not keep us from stopping the rest.
  for (const one of [client, products]) one.on('error', () => {})
  await Promise.all([client.connect(), products.connect()])
  const names = Object.values(databases).map((url: string) => new URL(url).pathname.slice(1))
  return {
    /** Exact at any moment: only what writes takes a transaction id. */
    async written(): Promise<Written> {
      const { rows } = await client.query<{ wal: string; xid: string }>(
        `select pg_current_wal_insert_lsn() - '0/0' as wal, pg_snapshot_xmax(pg_current_snapshot()) as xid`,
      )
      return { walBytes: Number(rows[0]?.wal), writing: Number(rows[0]?.xid) }
    },

    /** All commits, also those that only read. Exact once the connections that made them are closed. */
    async commits(): Promise<number> {
      await client.query('select pg_stat_clear_snapshot()')
      const { rows } = await client.query<{ commits: string }>(
        'select sum(xact_commit) as commits from pg_stat_database where datname = any($1)',
        [names],
      )
      return Number(rows[0]?.commits)
    },

    /** Resolves when every order is confirmed and what was held for it is sold. */
    async atRest(): Promise<void> {
      // An order in motion has a time at which the sweeper looks at it.
      const [moving, held] = await Promise.all([
        client.query('select from "order" where check_at is not null limit 1'),
        products.query(`select from reservation where status = 'RESERVED' limit 1`),
      ])
      if (moving.rowCount === 0 && held.rowCount === 0) return
      await sleep(10)
      return this.atRest()
    },

    /** So that a run begins without dirty pages of the one before. */
    checkpoint: () => client.query('checkpoint'),
    close: () => Promise.all([client.end(), products.end()]),
  }
}
export type Counters = Awaited<ReturnType<typeof openCounters>>
