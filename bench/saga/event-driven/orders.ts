/** The real parts of orders behind a plain HTTP front. */
import { createBus } from '@mall/bus'
import { topics } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis } from '@mall/service/redis'
import { assembleOrders } from '../../../subgraphs/orders/src/assemble.ts'
import { loadConfig } from '../../../subgraphs/orders/src/config.ts'
import { createDatabase } from '../../../subgraphs/orders/src/data/database.ts'
import { startFront } from '../http.ts'
import { runWorker } from '../process.ts'
import type { OrderRequest } from '../request.ts'

runWorker('orders', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'orders', level: config.logLevel })
  const db = createDatabase(config.database)
  onShutdown(() => db.$disconnect())
  const redis = createRedis(config.redis.url, logger)
  onShutdown(() => closeRedis(redis))
  const pubsub = createPubSub({ redisUrl: config.redis.url, logger })
  onShutdown(() => pubsub.close())
  const bus = await createBus({ ...config.kafka, clientId: 'orders', logger })
  onShutdown(() => bus.close())
  await bus.ensureTopics(topics)

  const parts = await assembleOrders({ config, logger, db, redis, pubsub, bus, onShutdown })
  await parts.start()

  const front = await startFront({
    '/orders': async (body) => {
      const { customerId, placement } = body as OrderRequest
      const outcome = await parts.placeOrder(customerId, placement)
      if ('__typename' in outcome) throw new Error(outcome.message)
      return { id: String(outcome.id) }
    },
  })
  onShutdown(() => front.close())
  return front.url
})
