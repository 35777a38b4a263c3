import { randomUUID } from 'node:crypto'
import { createBus } from '@mall/bus'
import { topics } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { createMetrics } from '@mall/service/metrics'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis } from '@mall/service/redis'
import { createTestDatabase, eventually, testKafkaBrokers, testRedisUrl } from '@mall/testing'
import { findFaults, type Fault } from '../../../stack/src/consistency/index.ts'
import { assembleOrders } from '../../../subgraphs/orders/src/assemble.ts'
import { loadConfig } from '../../../subgraphs/orders/src/config.ts'
import { createDatabase as createOrdersDatabase } from '../../../subgraphs/orders/src/data/database.ts'
import type { OrderRecord } from '../../../subgraphs/orders/src/data/order-repository.ts'
import type { OrderStatus } from '../../../subgraphs/orders/src/domain/order.ts'
import { createCachedAnswers } from '../../../subgraphs/products/src/data/cached-answers.ts'
import { createCatalogueRepository } from '../../../subgraphs/products/src/data/catalogue-repository.ts'
import { createDatabase as createProductsDatabase } from '../../../subgraphs/products/src/data/database.ts'
import { startOutbox } from '../../../subgraphs/products/src/events/outbox.ts'
import { parseNotice } from '../../../subgraphs/products/src/stock/notice.ts'
import { assembleStock } from '../../../subgraphs/products/src/stock/assemble.ts'
import { createBank } from './bank.ts'
import { createFaultyBus } from './faulty-bus.ts'

/** Signs the events of a fault mall. */
export const signingKey = { id: 'faults', secret: 'a-secret-of-the-fault-tests' }

/** A silent logger: what goes wrong here is meant to. */
export const quiet = createLogger({ name: 'faults', level: 'silent' })

/** What can be bought: a mug at leisure, another whose payment is refused, and something that is out of stock. */
export type Article = 'mug' | 'thirteen' | 'rare'

/** An order's wish. */
export interface Wish {
  article?: Article
  region?: string
  quantity?: number
  key?: string
}

export type FaultMall = Awaited<ReturnType<typeof openFaultMall>>

/**
 * Orders with payment and warehouse, and the stock part of products, put together in this process as their own mains do,
 * on databases and topics of their own. Faults can be provoked on the bus and at the bank, and time moved for the saga.
 * `sweepAfterMs`: when the saga drives on what has not moved; a short one for orders that suffer. @default 300
 */
export async function openFaultMall(options: { sweepAfterMs?: number } = {}) {
  const steps: (() => unknown)[] = []
  const onShutdown = (step: () => unknown) => void steps.push(step)
  const redisUrl = testRedisUrl()
  const name = randomUUID().slice(0, 8)
  const namespace = `faults-${name}.`
  // Channels of Redis are one for all its databases: changes of another run's articles must not be taken for these.
  const skuOf = (article: Article) => `sku-${article}-${name}`

  const [ordersBase, productsBase] = await Promise.all([
    createTestDatabase('orders'),
    createTestDatabase('products'),
  ])
  onShutdown(() => Promise.all([ordersBase.drop(), productsBase.drop()]))
  const ordersDb = createOrdersDatabase({ url: ordersBase.url, poolSize: 10 })
  const productsDb = createProductsDatabase({ url: productsBase.url, poolSize: 10 })
  onShutdown(() => Promise.all([ordersDb.$disconnect(), productsDb.$disconnect()]))
  const redis = createRedis(redisUrl, quiet)
  onShutdown(() => closeRedis(redis))
  const pubsub = createPubSub({ redisUrl, logger: quiet })
  const stockPubsub = createPubSub({ redisUrl, logger: quiet, parse: parseNotice })
  onShutdown(() => Promise.all([pubsub.close(), stockPubsub.close()]))
  const realBus = await createBus({
    brokers: testKafkaBrokers(),
    clientId: 'faults',
    signingKeys: [signingKey],
    region: 'test',
    logger: quiet,
    namespace,
    patience: { maxDelayMs: 20, maxTriesTogether: 2, maxTries: 3 },
  })
  onShutdown(() => realBus.close())
  await realBus.ensureTopics(topics)
  const { bus, ...faults } = createFaultyBus(realBus)
  const bank = createBank()
  const metrics = createMetrics()
  let ahead = 0

  await ordersDb.warehouse.create({
    data: { id: 'wh-shanghai', name: 'Shanghai', region: 'Shanghai', position: 0 },
  })
  const catalogue = createCatalogueRepository(productsDb)
  await stockShelves(catalogue, name)
  const saga = { deadlineMs: 24 * 3_600_000, sweepAfterMs: options.sweepAfterMs ?? 300 }
  const base = { logger: quiet, redis, bus, onShutdown }
  const assemble = (metrics = createMetrics()) =>
    assembleOrders({
      ...base,
      config: { isProduction: false, saga, sms: loadConfig({}).sms },
      metrics,
      db: ordersDb,
      pubsub,
      providers: { SANDBOX: bank.provider },
      clock: () => new Date(Date.now() + ahead),
    })
  const orders = await assemble(metrics)
  const stock = await assembleStock({
    ...base,
    config: { stock: { reservationMs: 3_600_000 } },
    db: productsDb,
    pubsub: stockPubsub,
  })
  await Promise.all([orders.start(), stock.start()])
  const outbox = startOutbox({
    ...stock,
    db: productsDb,
    catalogue,
    cached: createCachedAnswers(redis),
    publish: bus.publish,
    logger: quiet,
  })
  onShutdown(() => outbox.stop())
  await eventually('orders know the articles and where they stand', async () => {
    const [known, shelves] = [await ordersDb.skuSnapshot.count(), await ordersDb.warehouseStock.count()]
    return known === 3 && shelves === 2
  })
  // Nothing is known of its stock, so that only the participant finds out that there is none.
  await redis.hdel('{orders:stock-hint}', skuOf('rare'))

  const look = () =>
    findFaults({
      databases: { orders: ordersBase.url, products: productsBase.url },
      infrastructure: { redis: redisUrl },
    })

  return {
    ...orders,
    bus,
    faults,
    bank,
    metrics,
    namespace,
    skuOf,
    placementOf,
    ordersDb,
    productsDb,
    /** Another instance of orders, which takes orders but listens to nothing. */
    anotherInstance: () => assemble(),
    /** Moves the time of the saga; stock has its own. */
    advance: (ms: number) => void (ahead += ms),

    /** Places an order for a customer of its own; answers with its id. */
    async place(customerId: string, wish: Wish = {}): Promise<bigint> {
      const placed = await orders.placeOrder(customerId, placementOf(wish))
      if ('__typename' in placed) throw new Error(`The order was refused: ${placed.message}`)
      return placed.id
    },

    async find(id: bigint) {
      const [order] = await orders.orders.findMany([id])
      if (!order) throw new Error(`There is no order ${id}`)
      return order
    },

    /** Waits until an order has a status; says what it is instead when it never has. */
    becomes: (id: bigint, wanted: OrderStatus, timeoutMs = 60_000) =>
      eventually(
        `order ${id} is ${wanted}`,
        async () => {
          const [order] = await orders.orders.findMany([id])
          if (order?.status === wanted) return true
          throw new Error(`It is ${describeOrder(order)}`)
        },
        { timeoutMs, everyMs: 100 },
      ),

    /** How reservation, payment and allocation of an order stand. */
    async holdings(id: bigint) {
      const where = { where: { orderId: id } }
      const [reservation, payment, allocation] = await Promise.all([
        productsDb.reservation.findUnique(where),
        ordersDb.payment.findUnique(where),
        ordersDb.allocation.findUnique(where),
      ])
      const held = [reservation, payment, allocation].map((row) => row?.status ?? 'none').join(' ')
      return { held, balance: bank.balance(String(id)) }
    },

    /** Types of the events in an order's history. */
    async history(id: bigint): Promise<string[]> {
      const rows = await ordersDb.orderEvent.findMany({ where: { orderId: id }, orderBy: { version: 'asc' } })
      return rows.map(({ type }) => type)
    },

    /** Waits until nothing is in the topics; answers with what then does not add up. */
    async faultsAtRest(timeoutMs = 60_000): Promise<Fault[]> {
      await eventually('all is at rest', faults.caughtUp, { timeoutMs })
      return (await look()).faults
    },

    /** Waits until every saga has ended and nothing is in the topics; then the books must balance. */
    async atRest(timeoutMs = 60_000): Promise<void> {
      await eventually('all is at rest', faults.caughtUp, { timeoutMs })
      await eventually(
        'the books balance',
        async () => {
          const { moving, faults: found } = await look()
          if (moving > 0 || found.length > 0)
            throw new Error(`${moving} orders still move; ${JSON.stringify(found.slice(0, 5))}`)
          return true
        },
        { timeoutMs },
      )
    },

    async close(): Promise<void> {
      for (const step of steps.toReversed()) await step()
    },
  }

  /** What a customer asks for. */
  function placementOf({ article = 'mug', region = 'Shanghai', quantity = 1, key = randomUUID() }: Wish) {
    return {
      lines: [{ skuId: skuOf(article), quantity }],
      shippingAddress: {
        recipient: 'Li Lei',
        phone: '13800000000',
        region,
        city: 'Shanghai',
        line1: 'Nanjing Road 1',
        line2: null,
        postalCode: null,
      },
      paymentMethod: 'SANDBOX' as const,
      flashSaleId: null,
      admissionToken: null,
      idempotencyKey: key,
    }
  }
}

async function stockShelves(
  catalogue: ReturnType<typeof createCatalogueRepository>,
  name: string,
): Promise<void> {
  const shelf: { article: Article; price: number; initialStock: number }[] = [
    { article: 'mug', price: 1_990, initialStock: 900_000 },
    { article: 'thirteen', price: 1_313, initialStock: 900_000 },
    { article: 'rare', price: 99_000, initialStock: 0 },
  ]
  for (const { article, ...sku } of shelf) {
    const code = `${article}-${name}`
    await catalogue.create({
      slug: code,
      name: code,
      description: '',
      categoryId: 'faults',
      skus: [{ code, options: [], currency: 'CNY', ...sku }],
    })
  }
}

function describeOrder(order: OrderRecord | undefined): string {
  const steps = order?.steps.map(({ name, status, attempts, undo }) => [
    name,
    status,
    attempts,
    undo?.attempts,
  ])
  return JSON.stringify([order?.status, order?.undoing, steps])
}
