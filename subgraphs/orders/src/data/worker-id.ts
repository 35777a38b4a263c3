import { randomUUID } from 'node:crypto'
import { unavailable } from '@mall/service/errors'
import type { Logger } from '@mall/service/logger'
import { createSnowflake, type Snowflake } from '../domain/snowflake.ts'
import type { Database } from './database.ts'
import { leaseMs, leaseWorkerId, type WorkerLease } from './worker-lease.ts'

/** Issues order ids under a leased worker id; a lost or spent lease is replaced by another. */
export type OrderIds = Awaited<ReturnType<typeof createOrderIds>>

const renewEveryMs = leaseMs / 4

export async function createOrderIds(db: Database, logger: Logger, now: () => number = Date.now) {
  let { lease, ids } = await take()
  let replacing: Promise<void> | null = null
  const timer = setInterval(() => {
    renew().catch((error: unknown) => logger.warn({ error }, 'could not renew the worker id yet'))
  }, renewEveryMs)

  return {
    /** New ids, ascending, at once unless the lease must be replaced. Throws UNAVAILABLE when that fails. */
    async take(count: number): Promise<bigint[]> {
      const taken: bigint[] = []
      while (taken.length < count) {
        const id = ids.next()
        if (id !== null) taken.push(id)
        else await replace()
      }
      return taken
    },
    async release() {
      clearInterval(timer)
      await lease.release(ids.unusedFrom())
    },
  }

  async function take(): Promise<{ lease: WorkerLease; ids: Snowflake }> {
    const lease = await leaseWorkerId(db, randomUUID(), now())
    logger.info({ workerId: lease.range.workerId }, 'leased a worker id')
    return { lease, ids: createSnowflake(lease.range, now) }
  }

  async function renew(): Promise<void> {
    const until = await lease.renew(now())
    if (until === null) await replace()
    else ids.extend(until)
  }

  /** Many callers may find the times spent at once; they wait for one new lease. */
  function replace(): Promise<void> {
    replacing ??= take()
      .then((taken) => void ({ lease, ids } = taken))
      .catch((error: unknown) => {
        throw unavailable('Orders cannot be numbered at the moment. Try again.', error)
      })
      .finally(() => (replacing = null))
    return replacing
  }
}
