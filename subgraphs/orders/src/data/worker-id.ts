import { randomUUID } from 'node:crypto'
import type { Logger } from '@mall/service/logger'
import { createSnowflake } from '../domain/snowflake.ts'
import type { Database } from './database.ts'
import { leaseWorkerId } from './worker-lease.ts'

const renewEveryMs = 15_000

/**
 * Issues order ids under a leased worker id. `onLost` is called when another process may have the worker id:
 * this one must then stop issuing.
 */
export async function createOrderIds(db: Database, options: { logger: Logger; onLost(error: Error): void }) {
  const lease = await leaseWorkerId(db, randomUUID())
  options.logger.info({ workerId: lease.workerId }, 'leased a worker id')
  const timer = setInterval(() => {
    lease
      .renew()
      .then((kept) => {
        if (!kept) options.onLost(new Error('The lease of the worker id was lost'))
      })
      .catch((error: unknown) => options.logger.warn({ error }, 'could not renew the worker id yet'))
  }, renewEveryMs)
  return {
    nextId: createSnowflake(lease.workerId),
    async release() {
      clearInterval(timer)
      await lease.release()
    },
  }
}
