/**
 * What stock's part in the saga costs, without Kafka: `node subgraphs/products/bench/stock.ts [orders]`. Reserves and then
 * commits orders in batches of 1, 20 and 200, over 4 hot SKUs and over 400; at last from two instances at once. Brings its
 * own PostgreSQL and Redis. Commits and WAL are those of the server, CPU is this process's.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMessage, type AnyEvent } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis } from '@mall/service/redis'
import { clearData, databaseUrl, ensureDatabase, openSchemaEngine, startInfrastructure } from '@mall/stack'
import { createDatabase } from '../src/data/database.ts'
import { parseNotice } from '../src/stock/notice.ts'
import { assembleStock } from '../src/stock/assemble.ts'

type Handle = (events: readonly AnyEvent[]) => Promise<void>

const wanted = Number(process.argv[2] ?? 4_000)
const logger = createLogger({ name: 'bench', level: 'error' })
const dataDir = mkdtempSync(join(tmpdir(), 'mall-bench-'))
const servers = await startInfrastructure({
  dataDir,
  given: { kafka: 'not needed' },
  ports: { postgres: 15_733, redis: 16_680, kafka: 0 },
  env: {},
  taken: new Set(),
  onProgress: () => {},
})
const url = databaseUrl(servers.urls.postgres, 'bench')
await ensureDatabase(servers.urls.postgres, 'bench')
const engine = await openSchemaEngine(url)
await engine.apply('products')
engine.close()
const skuIds = Array.from({ length: 400 }, (_, i) => `sku-of-the-bench-${i}`)
const closing: (() => unknown)[] = []
const db = createDatabase({ url, poolSize: 2 })
await db.stock.createMany({
  data: skuIds.map((skuId) => ({ skuId, available: 100_000_000, reserved: 0, sold: 0, version: 1 })),
})
const instances = [await startInstance(), await startInstance()]
let orders = 0

try {
  await measure({ batch: 20, skus: 40, count: 1_000, by: 2 })
  console.log(
    'instances  SKUs  batch   reserve: orders/s  p50 / p95 ms   commit: orders/s  p50 / p95 ms   commits, WAL bytes, CPU ms per order',
  )
  for (const [by, skus, batch] of [
    [1, 4, 1],
    [1, 400, 1],
    [1, 4, 20],
    [1, 400, 20],
    [1, 4, 200],
    [1, 400, 200],
    [2, 4, 1],
    [2, 4, 20],
    [2, 4, 200],
  ] as const)
    console.log(await measure({ by, skus, batch, count: batch === 1 ? wanted / 8 : wanted }))
} finally {
  for (const close of closing.toReversed()) await close()
  await db.$disconnect()
  await servers.stop()
  clearData(dataDir)
}

async function startInstance(): Promise<Map<string, Handle>> {
  const handles = new Map<string, Handle>()
  const own = createDatabase({ url, poolSize: 10 })
  const redis = createRedis(servers.urls.redis, logger)
  const pubsub = createPubSub({ redisUrl: servers.urls.redis, logger, parse: parseNotice })
  closing.push(
    () => own.$disconnect(),
    () => closeRedis(redis),
    () => pubsub.close(),
  )
  const stock = await assembleStock({
    config: { stock: { reservationMs: 600_000 } },
    logger,
    db: own,
    redis,
    pubsub,
    bus: {
      publish: async () => {},
      consume: async ({ topics: [topic = ''], handle }) => {
        handles.set(topic, handle)
        return { stop: async () => {}, caughtUp: async () => true, healthy: () => true }
      },
    },
    onShutdown: (close) => void closing.push(close),
  })
  await stock.start()
  return handles
}

async function measure(run: { by: number; skus: number; batch: number; count: number }): Promise<string> {
  const batches = Array.from({ length: run.by }, () =>
    Array.from({ length: Math.floor(run.count / run.batch / run.by) }, () =>
      Array.from({ length: run.batch }, () => newOrder(run.skus)),
    ),
  )
  const before = await counters()
  const reserved = await time(batches, 'order-placed', ({ placed }) => placed)
  const committed = await time(batches, 'order-confirmed', ({ confirmed }) => confirmed)
  const after = await counters()
  const total = batches.flat(2).length
  const per = (name: keyof typeof before) => (after[name] - before[name]) / total
  return [
    String(run.by).padStart(9),
    String(run.skus).padStart(5),
    String(run.batch).padStart(6),
    reserved.padStart(33),
    committed.padStart(33),
    `${per('commits').toFixed(3)}, ${per('wal').toFixed(0)}, ${per('cpu').toFixed(3)}`.padStart(24),
  ].join(' ')
}

async function time(
  batches: Order[][][],
  topic: string,
  eventOf: (order: Order) => AnyEvent,
): Promise<string> {
  const took: number[] = []
  const begun = performance.now()
  await Promise.all(
    batches.map(async (own, index) => {
      for (const batch of own) {
        const start = performance.now()
        await instances[index]?.get(topic)?.(batch.map(eventOf))
        took.push(performance.now() - start)
      }
    }),
  )
  const rate = batches.flat(2).length / ((performance.now() - begun) / 1_000)
  took.sort((a, b) => a - b)
  const at = (share: number) => (took[Math.floor((took.length - 1) * share)] ?? Number.NaN).toFixed(1)
  return `${rate.toFixed(0)}  ${at(0.5)} / ${at(0.95)}`
}

interface Order {
  placed: AnyEvent
  confirmed: AnyEvent
}

function newOrder(skus: number): Order {
  const orderId = String(++orders)
  const lines = [{ skuId: skuIds[orders % skus] ?? '', productId: 'product-of-the-bench', quantity: 1 }]
  const customerId = 'customer'
  const placed = createMessage('order-placed', {
    orderId,
    customerId,
    lines,
    payment: { method: 'SANDBOX', amount: 100, currency: 'CNY' },
    destination: { region: 'east', city: 'Shanghai' },
  })
  return {
    placed: placed.event,
    confirmed: createMessage('order-confirmed', { orderId, customerId, lines }).event,
  }
}

async function counters() {
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  const [row] = await db.$queryRaw<{ commits: bigint; wal: number }[]>`
    select xact_commit as commits, (pg_current_wal_lsn() - '0/0'::pg_lsn)::float8 as wal
    from pg_stat_database where datname = current_database()`
  const { user, system } = process.cpuUsage()
  return { commits: Number(row?.commits), wal: Number(row?.wal), cpu: (user + system) / 1_000 }
}
