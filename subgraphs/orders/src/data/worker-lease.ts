import { maxRollbackMs, maxWorkerId, type IdRange } from '../domain/snowflake.ts'
import type { Database } from './database.ts'

/** How long a worker id stays with a process that does not renew it, and how much time a renewal grants, in milliseconds. */
export const leaseMs = 60_000

/**
 * A Snowflake worker id that no other live process has, and the times for which it may issue. The times are the fence:
 * each is granted to one holder only, so a process that was stalled and lost its lease cannot issue what another does.
 */
export interface WorkerLease {
  range: IdRange
  /** Extends the lease; the new end of its times, or null when it was lost. `now` is the holder's clock. */
  renew(now: number): Promise<number | null>
  /** Gives the worker id up, with the times that were not used. */
  release(unusedFrom: number): Promise<void>
}

/**
 * Leases a free worker id: one whose times are not used up to now if there is one, else one that is ahead by no more
 * than ids may run ahead of the clock. Throws when there is none, as for a clock that is far behind all others.
 */
export async function leaseWorkerId(db: Database, holder: string, now: number): Promise<WorkerLease> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const range = await tryLease(db, holder, now)
    if (range) return leaseOf(db, holder, range)
  }
  throw new Error('No worker id is free')
}

/** As many processes as this may start in the same instant; each loses the race for an id at most once to each other. */
const maxAttempts = 32

async function tryLease(db: Database, holder: string, now: number): Promise<IdRange | null> {
  const [row] = await db.$queryRaw<{ worker_id: number; used_until: bigint }[]>`
    insert into worker_lease (worker_id, holder, expires_at, used_until)
    select id, ${holder}, now() + ${leaseMs} * interval '1 millisecond',
      greatest(coalesce(lease.used_until, 0), ${now}::bigint) + ${leaseMs}
    from generate_series(0, ${maxWorkerId}) id
    left join worker_lease lease on lease.worker_id = id
    where lease.worker_id is null
      or (lease.expires_at < now() and lease.used_until <= ${now + maxRollbackMs}::bigint)
    order by coalesce(lease.used_until, 0) > ${now}::bigint, id limit 1
    on conflict (worker_id) do update set holder = excluded.holder, expires_at = excluded.expires_at,
      used_until = greatest(worker_lease.used_until, ${now}::bigint) + ${leaseMs}
    where worker_lease.expires_at < now()
    returning worker_id, used_until`
  if (!row) return null
  const until = Number(row.used_until)
  return { workerId: row.worker_id, from: until - leaseMs, until }
}

function leaseOf(db: Database, holder: string, range: IdRange): WorkerLease {
  const { workerId } = range
  return {
    range,
    async renew(now) {
      const [row] = await db.$queryRaw<{ used_until: bigint }[]>`
        update worker_lease set expires_at = now() + ${leaseMs} * interval '1 millisecond',
          used_until = greatest(used_until, ${now}::bigint + ${leaseMs})
        where worker_id = ${workerId} and holder = ${holder} returning used_until`
      return row ? Number(row.used_until) : null
    },
    async release(unusedFrom) {
      await db.$executeRaw`
        update worker_lease set holder = '', expires_at = now() - interval '1 millisecond', used_until = ${unusedFrom}::bigint
        where worker_id = ${workerId} and holder = ${holder}`
    },
  }
}
