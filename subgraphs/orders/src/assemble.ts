import type { Bus } from '@mall/bus'
import type { Message } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import type { MainContext } from '@mall/service/main'
import { Counter, createMetrics, type Metrics } from '@mall/service/metrics'
import type { PubSub } from '@mall/service/pubsub'
import { closeRedis } from '@mall/service/redis'
import type { Redis } from 'ioredis'
import type { Config } from './config.ts'
import type { Database } from './data/database.ts'
import { cacheConnection, createOrderCache } from './data/order-cache.ts'
import { createOrderRepository, type OrderRecord } from './data/order-repository.ts'
import { createOrderWatch } from './data/order-watch.ts'
import { createSkuSnapshots } from './data/sku-snapshots.ts'
import { createOrderIds } from './data/worker-id.ts'
import { consumptions } from './events/consume.ts'
import { createNotifications } from './participants/notification/notifications.ts'
import type { Providers } from './participants/payment/answers.ts'
import { assemblePayment } from './participants/payment/assemble.ts'
import { createWarehouseParticipant } from './participants/warehouse/participant.ts'
import { createWarehouseRepository } from './participants/warehouse/warehouse-repository.ts'
import { createSagaManager } from './saga/manager.ts'
import { createPlaceOrder } from './saga/place.ts'
import { startSweeper } from './saga/sweeper.ts'

/** What the parts of orders stand on. */
export interface Foundations extends Pick<MainContext, 'onShutdown'> {
  config: Pick<Config, 'isProduction' | 'saga' | 'sms'> & {
    /** @default no redirect payments */
    payments?: Config['payments']
  }
  logger: Logger
  /** @default metrics that nobody reads */
  metrics?: Metrics
  db: Database
  redis: Redis
  pubsub: PubSub<unknown>
  bus: Bus
  /** Ways to take money, in place of those that the configuration names: fault tests count and refuse. */
  providers?: Providers
  /** The time by which sagas are given up and driven on; fault tests move it. @default the system's */
  clock?: () => Date
}

/** Puts orders, their saga and its participants together; the same for the process, its benchmarks and its tests. */
export async function assembleOrders(foundations: Foundations) {
  const { config, logger, metrics = createMetrics(), db, redis, pubsub, bus, onShutdown } = foundations
  const { providers, clock = () => new Date() } = foundations
  const publish = (messages: Message[]) => bus.publish(messages)

  const orders = createOrderRepository(db, { sweepAfterMs: config.saga.sweepAfterMs })
  const cacheRedis = redis.duplicate(cacheConnection)
  // The connection that it was made from says so as well.
  cacheRedis.on('error', () => {})
  onShutdown(() => closeRedis(cacheRedis))
  const cache = createOrderCache({ redis: cacheRedis, orders, logger })
  const warehouses = createWarehouseRepository(db)
  const skus = createSkuSnapshots(db, redis)
  const watch = createOrderWatch(pubsub, orders)
  const ids = await createOrderIds(db, logger)
  onShutdown(() => ids.release())

  const announce = (moved: readonly OrderRecord[]) => {
    // Sent before watchers are told, and not waited for: the saga goes on.
    void cache.forget(moved.map(({ id }) => id))
    return watch
      .announce(moved)
      .catch((error: unknown) => logger.warn({ error }, 'watchers could not be told'))
  }
  const alarms = new Counter({
    name: 'mall_orders_alarms_total',
    help: 'Orders of which something could not be given back for long, so that somebody must look.',
    registers: [metrics],
  })
  const alarm = (orderId: bigint) => {
    alarms.inc()
    logger.error({ orderId: String(orderId) }, 'an order cannot be undone and needs attention')
  }
  const saga = createSagaManager({ orders, publish, announce, alarm, clock })
  const payment = assemblePayment({
    config: { payments: { queryAfterMs: 5_000, alipay: null }, ...config },
    ...(providers && { providers }),
    db,
    logger,
    metrics,
    publish,
    clock,
    alarm,
  })
  const { payments, takeNotice } = payment
  const placeOrder = createPlaceOrder({
    orders,
    skus,
    publish,
    clock,
    takeIds: ids.take,
    paymentMethods: payment.methods,
    deadlineMs: config.saga.deadlineMs,
    onPublishError: (error) =>
      logger.warn({ error }, 'the sweeper will publish what could not be published now'),
  })

  const warehouse = createWarehouseParticipant({ warehouses, publish })
  const notifications = createNotifications({ config: config.sms, db, clock, logger })

  return { orders, cache, payments, takeNotice, warehouses, watch, saga, placeOrder, start }

  /** Listens to Kafka and drives on what is stuck, until the shutdown. */
  async function start() {
    const consumers = await Promise.all(
      consumptions({
        saga,
        payment: payment.participant,
        warehouse,
        notification: notifications.participant,
        skus,
      }).map(async ({ neededAtStart = false, ...consumption }) => ({
        neededAtStart,
        consumer: await bus.consume(consumption),
      })),
    )
    onShutdown(cache.start())
    onShutdown(startSweeper(saga, { everyMs: config.saga.sweepAfterMs / 2, logger }))
    onShutdown(notifications.startSending())
    onShutdown(startSweeper(payment.sweep, { everyMs: 1_000, logger, batch: 20 }))
    let isInformed = false
    return {
      healthy: () => consumers.every(({ consumer }) => consumer.healthy()),
      /** Until the catalogue has been read once, orders would refuse articles that it only has not heard of. */
      async hasReadWhatItNeeds(): Promise<boolean> {
        if (!isInformed) {
          const needed = consumers.filter(({ neededAtStart }) => neededAtStart)
          isInformed = (await Promise.all(needed.map(({ consumer }) => consumer.caughtUp()))).every(Boolean)
        }
        return isInformed
      },
    }
  }
}
