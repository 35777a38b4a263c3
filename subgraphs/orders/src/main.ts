import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createBus } from '@mall/bus'
import { topics, type Message } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis, redisAnswers } from '@mall/service/redis'
import { startSubgraph } from '@mall/service/subgraph'
import { loadConfig } from './config.ts'
import { createDatabase } from './data/database.ts'
import { createLoaders } from './data/loaders.ts'
import { createOrderRepository } from './data/order-repository.ts'
import { createOrderWatch } from './data/order-watch.ts'
import { createSkuSnapshots } from './data/sku-snapshots.ts'
import { createOrderIds } from './data/worker-id.ts'
import { consumptions } from './events/consume.ts'
import { createPaymentParticipant } from './participants/payment/participant.ts'
import { createPaymentRepository } from './participants/payment/payment-repository.ts'
import { createRefundRepository } from './participants/payment/refund-repository.ts'
import { sandboxProvider } from './participants/payment/sandbox.ts'
import { createWarehouseParticipant } from './participants/warehouse/participant.ts'
import { createWarehouseRepository } from './participants/warehouse/warehouse-repository.ts'
import { policies } from './policies.ts'
import { resolvers } from './resolvers/index.ts'
import { createSagaManager } from './saga/manager.ts'
import { createPlaceOrder } from './saga/place.ts'
import { startSweeper } from './saga/sweeper.ts'

runMain('orders', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'orders', level: config.logLevel })
  const clock = () => new Date()

  const db = createDatabase(config.database)
  onShutdown(() => db.$disconnect())
  const redis = createRedis(config.redis.url, logger)
  onShutdown(() => closeRedis(redis))
  const pubsub = createPubSub({ redisUrl: config.redis.url, logger })
  onShutdown(() => pubsub.close())
  const bus = await createBus({ ...config.kafka, clientId: 'orders', logger })
  onShutdown(() => bus.close())
  await bus.ensureTopics(topics)
  const publish = (messages: Message[]) => bus.publish(messages)

  const orders = createOrderRepository(db, { sweepAfterMs: config.saga.sweepAfterMs })
  const payments = createPaymentRepository(db)
  const warehouses = createWarehouseRepository(db)
  const skus = createSkuSnapshots(db, redis)
  const watch = createOrderWatch(pubsub, orders)
  const ids = await createOrderIds(db, logger)
  onShutdown(() => ids.release())

  const announce = (orderIds: readonly bigint[]) =>
    watch.announce(orderIds).catch((error: unknown) => logger.warn({ error }, 'watchers could not be told'))
  const alarm = (orderId: bigint) =>
    logger.error({ orderId: String(orderId) }, 'an order cannot be undone and needs attention')
  const saga = createSagaManager({ orders, publish, announce, alarm, clock })
  const placeOrder = createPlaceOrder({
    orders,
    skus,
    publish,
    clock,
    takeIds: ids.take,
    paymentMethods: config.isProduction ? [] : ['SANDBOX'],
    deadlineMs: config.saga.deadlineMs,
    onPublishError: (error) =>
      logger.warn({ error }, 'the sweeper will publish what could not be published now'),
  })

  const payment = createPaymentParticipant({
    payments,
    refunds: createRefundRepository(db),
    publish,
    providers: { SANDBOX: sandboxProvider },
  })
  const warehouse = createWarehouseParticipant({ warehouses, publish })
  const consumers = await Promise.all(
    consumptions({ saga, payment, warehouse, skus }).map(
      async ({ neededAtStart = false, ...consumption }) => ({
        neededAtStart,
        consumer: await bus.consume(consumption),
      }),
    ),
  )
  onShutdown(startSweeper(saga, { everyMs: config.saga.sweepAfterMs / 2, logger }))

  const server = await startSubgraph({
    name: 'orders',
    typeDefs: readFileSync(join(import.meta.dirname, '..', 'schema.graphql'), 'utf8'),
    resolvers,
    policies,
    listen: config.listen,
    identityKeys: config.identityKeys,
    logger,
    createContext: ({ viewer }) => ({
      viewer,
      orders,
      placeOrder,
      saga,
      warehouses,
      watch,
      loaders: createLoaders({ db, orders, payments, warehouses }),
    }),
    ready: async () => ({
      database: await db.$queryRaw`select 1`.then(
        () => true,
        () => false,
      ),
      redis: await redisAnswers(redis),
      kafka: consumers.every(({ consumer }) => consumer.healthy()),
      catalogue: await hasReadWhatItNeeds(),
    }),
  })
  onShutdown(() => server.close())

  // Until the catalogue has been read once, orders would refuse articles that it only has not heard of.
  let isInformed = false
  async function hasReadWhatItNeeds(): Promise<boolean> {
    if (!isInformed) {
      const needed = consumers.filter(({ neededAtStart }) => neededAtStart)
      isInformed = (await Promise.all(needed.map(({ consumer }) => consumer.caughtUp()))).every(Boolean)
    }
    return isInformed
  }
})
