/**
 * `npm run rebuild:orders [-- --dry-run]`: rebuilds what is derived from the orders' histories (their rows, and what was
 * sold) while the mall runs, and says what was wrong. `--dry-run` only looks, and exits 1 when something is.
 * Reads the environment of the orders process, in particular DATABASE_URL and REDIS_URL.
 */
import { parseArgs } from 'node:util'
import { createLogger } from '@mall/service/logger'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis } from '@mall/service/redis'
import { loadConfig } from '../config.ts'
import { createDatabase } from '../data/database.ts'
import { cacheConnection, createOrderCache } from '../data/order-cache.ts'
import { createOrderRepository } from '../data/order-repository.ts'
import { createOrderWatch } from '../data/order-watch.ts'
import { createReadModel } from '../data/read-model.ts'
import { rebuild, type Finding } from './rebuild.ts'

/** More than this would hide the sum. */
const mostShown = 50

const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } })
const isDryRun = values['dry-run']
const config = loadConfig()
const logger = createLogger({ name: 'rebuild-orders', level: 'warn' })
const db = createDatabase({ ...config.database, poolSize: 2 })
const redis = createRedis(config.redis.url, logger, { ...cacheConnection, enableOfflineQueue: true })
const pubsub = createPubSub({ redisUrl: config.redis.url, logger })
const orders = createOrderRepository(db, { sweepAfterMs: config.saga.sweepAfterMs })
const cache = createOrderCache({ redis, orders, logger })
const watch = createOrderWatch(pubsub, orders)

let shown = 0
let saidAt = Date.now()
try {
  const report = await rebuild({
    readModel: createReadModel(db),
    isDryRun,
    clock: () => new Date(),
    announce: async (ids) =>
      void (await Promise.all([cache.forget(ids), orders.findMany(ids).then(watch.announce)])),
    onFinding: (finding) => (shown += 1) <= mostShown && console.log(describe(finding)),
    onProgress(count) {
      if (Date.now() - saidAt < 1_000) return
      saidAt = Date.now()
      console.log(`  ${count} orders looked at`)
    },
  })
  const { rows, sales, unreadable } = report
  const what = isDryRun ? 'differ' : 'were corrected'
  console.log(
    `${report.orders} orders looked at: ${rows} rows and ${sales} products' sales ${what}, ${unreadable} histories cannot be replayed`,
  )
  if (isDryRun && rows + sales > 0) process.exitCode = 1
} finally {
  await Promise.all([pubsub.close(), closeRedis(redis), db.$disconnect()])
}

function describe(finding: Finding): string {
  switch (finding.kind) {
    case 'row':
      return `✗ order ${finding.orderId}: ${finding.fields.join(', ')}`
    case 'unreadable':
      return `? order ${finding.orderId}: ${finding.why}; left as it is`
    case 'sales':
      return `✗ product ${finding.productId}: sold ${finding.actual}, should be ${finding.expected}`
  }
}
