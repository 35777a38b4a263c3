import { join } from 'node:path'
import { databaseUrl, migrateAll, startInfrastructure, type InfrastructureUrls } from '@mall/stack'
import { assertConsistent } from './consistent.ts'
import { createDataDir } from './data-dir.ts'
import { fillDatabases } from './fixtures.ts'
import { startWorker, type Worker } from './process.ts'

/** Whose orders are measured: ours, the chain with transactions, the chain with single statements. */
export const sides = ['ours', 'transaction', 'statement'] as const
export type Side = (typeof sides)[number]

/** The two databases of a side. */
export interface Databases {
  orders: string
  products: string
}

/** A side whose processes run. */
export interface RunningSide {
  side: Side
  /** Where orders are posted, in turn. */
  urls: readonly string[]
  workers: readonly Worker[]
  databases: Databases
  redis: string
  stop(): Promise<void>
}

/** PostgreSQL (fsync on), Redis and Kafka of the benchmark's own, with databases for each side. */
export interface Stage {
  dataDir: string
  urls: InfrastructureUrls
  databasesOf(side: Side): Databases
  start(side: Side): Promise<RunningSide>
  /** Throws when what a side wrote does not add up, or does not come to rest. */
  check(side: Side): Promise<void>
  stop(): Promise<void>
}

const here = import.meta.dirname

export async function openStage(options: {
  skus: number
  poolSize: number
  instances: number
  onProgress(text: string): void
}): Promise<Stage> {
  const { skus, poolSize, instances, onProgress } = options
  const dataDir = createDataDir()
  const infrastructure = await startInfrastructure({
    dataDir,
    given: {},
    ports: { postgres: 16_433, redis: 17_380, kafka: 20_094 },
    env: {},
    taken: new Set(),
    onProgress,
  })
  const { urls } = infrastructure
  const running = new Set<RunningSide>()
  const databasesOf = (side: Side): Databases => ({
    orders: databaseUrl(urls.postgres, `${side}_orders`),
    products: databaseUrl(urls.postgres, `${side}_products`),
  })
  // The chain has no copy of stock in Redis; an empty database of Redis says so to the check.
  const redisOf = (side: Side) => (side === 'ours' ? urls.redis : `${urls.redis}/1`)
  for (const side of sides) {
    await migrateAll(
      urls.postgres,
      () => {},
      (subgraph) => `${side}_${subgraph}`,
    )
    await fillDatabases(databasesOf(side), skus)
  }
  return {
    dataDir,
    urls,
    databasesOf,
    async start(side) {
      const start = side === 'ours' ? startOurs : startChain
      const context = {
        side,
        databases: databasesOf(side),
        urls,
        poolSize,
        instances,
        logDir: join(dataDir, 'logs'),
      }
      const workers = await start(context)
      const one: RunningSide = {
        side,
        workers,
        urls: workers.flatMap(({ name, url }) => (name.startsWith('orders') && url ? [url] : [])),
        databases: context.databases,
        redis: redisOf(side),
        async stop() {
          running.delete(one)
          await Promise.all(workers.map((worker) => worker.stop()))
        },
      }
      running.add(one)
      return one
    },
    check: (side) =>
      assertConsistent(side, { databases: databasesOf(side), infrastructure: { redis: redisOf(side) } }),
    async stop() {
      await Promise.all([...running].map((side) => side.stop()))
      await infrastructure.stop()
    },
  }
}

interface StartContext {
  side: Side
  databases: Databases
  urls: InfrastructureUrls
  poolSize: number
  instances: number
  logDir: string
}

function startOurs({ databases, urls, instances, logDir }: StartContext): Promise<Worker[]> {
  const start = (kind: 'orders' | 'products', index: number) => {
    const name = index === 0 ? kind : `${kind}-${index + 1}`
    return startWorker({
      name,
      file: join(here, 'event-driven', `${kind}.ts`),
      env: {
        DATABASE_URL: databases[kind],
        REDIS_URL: urls.redis,
        KAFKA_BROKERS: urls.kafka,
        LOG_LEVEL: 'warn',
        SMS_PROVIDER: 'none',
      },
      logFile: join(logDir, `ours-${name}.log`),
    })
  }
  const indices = Array.from({ length: instances }, (_, index) => index)
  return Promise.all(indices.flatMap((index) => [start('orders', index), start('products', index)]))
}

async function startChain({ side, databases, poolSize, logDir }: StartContext): Promise<Worker[]> {
  const start = (name: string, databaseUrl: string, env: NodeJS.ProcessEnv = {}) =>
    startWorker({
      name,
      file: join(here, 'sync', `${name}.ts`),
      env: { DATABASE_URL: databaseUrl, DATABASE_POOL_SIZE: String(poolSize), SYNC_VARIANT: side, ...env },
      logFile: join(logDir, `${side}-${name}.log`),
    })
  const [products, payment, warehouse] = await Promise.all([
    start('products', databases.products),
    start('payment', databases.orders),
    start('warehouse', databases.orders),
  ])
  const orders = await start('orders', databases.orders, {
    PRODUCTS_URL: products.url ?? '',
    PAYMENT_URL: payment.url ?? '',
    WAREHOUSE_URL: warehouse.url ?? '',
  })
  return [orders, products, payment, warehouse]
}
