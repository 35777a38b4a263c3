import { maxWorkerId } from '../domain/snowflake.ts'
import type { Database } from './database.ts'

/** How long a worker id stays with a process that does not renew it, in milliseconds. */
const leaseMs = 60_000

/** A Snowflake worker id that no other live process has. */
export interface WorkerLease {
  workerId: number
  /** Extends the lease; false when it was lost, and ids must no longer be issued. */
  renew(): Promise<boolean>
  release(): Promise<void>
}

/** Leases the lowest free worker id; expired leases count as free. Throws when all are taken. */
export async function leaseWorkerId(db: Database, holder: string): Promise<WorkerLease> {
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const workerId = await tryLease(db, holder)
    if (workerId !== null) return leaseOf(db, holder, workerId)
  }
  throw new Error('No worker id is free')
}

/** As many processes as this may start in the same instant; each loses the race for an id at most once to each other. */
const maxAttempts = 32

async function tryLease(db: Database, holder: string): Promise<number | null> {
  const [row] = await db.$queryRaw<{ worker_id: number }[]>`
    insert into worker_lease (worker_id, holder, expires_at)
    select id, ${holder}, now() + ${leaseMs} * interval '1 millisecond'
    from generate_series(0, ${maxWorkerId}) id
    left join worker_lease lease on lease.worker_id = id
    where lease.worker_id is null or lease.expires_at < now()
    order by id limit 1
    on conflict (worker_id) do update set holder = excluded.holder, expires_at = excluded.expires_at
    where worker_lease.expires_at < now()
    returning worker_id`
  return row?.worker_id ?? null
}

function leaseOf(db: Database, holder: string, workerId: number): WorkerLease {
  return {
    workerId,
    async renew() {
      const renewed = await db.$executeRaw`
        update worker_lease set expires_at = now() + ${leaseMs} * interval '1 millisecond'
        where worker_id = ${workerId} and holder = ${holder}`
      return renewed === 1
    },
    async release() {
      await db.$executeRaw`delete from worker_lease where worker_id = ${workerId} and holder = ${holder}`
    },
  }
}
