import pg from 'pg'
import { startFront, type Handler } from '../http.ts'
import { runWorker } from '../process.ts'
import { createStatementSteps } from './statement.ts'
import type { Steps } from './steps.ts'
import { createTransactionSteps } from './transaction.ts'

/** One service of the chain. SYNC_VARIANT says how a step writes, DATABASE_POOL_SIZE how many connections it has. */
export function runService(name: string, routesOf: (steps: Steps) => Record<string, Handler>): void {
  runWorker(name, async ({ onShutdown }) => {
    const pool = new pg.Pool({
      connectionString: process.env.DATABASE_URL,
      max: Number(process.env.DATABASE_POOL_SIZE),
      keepAlive: true,
    })
    onShutdown(() => pool.end())
    const createSteps =
      process.env.SYNC_VARIANT === 'statement' ? createStatementSteps : createTransactionSteps
    const front = await startFront(routesOf(createSteps(pool)))
    onShutdown(() => front.close())
    return front.url
  })
}
