/** The real stock of products; it listens to Kafka and has no front. */
import { createBus } from '@mall/bus'
import { topics } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis } from '@mall/service/redis'
import { loadConfig } from '../../../subgraphs/products/src/config.ts'
import { createDatabase } from '../../../subgraphs/products/src/data/database.ts'
import { assembleStock } from '../../../subgraphs/products/src/stock/assemble.ts'
import { parseNotice } from '../../../subgraphs/products/src/stock/notice.ts'
import { runWorker } from '../process.ts'

runWorker('products', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'products', level: config.logLevel })
  const db = createDatabase(config.database)
  onShutdown(() => db.$disconnect())
  const redis = createRedis(config.redis.url, logger)
  onShutdown(() => closeRedis(redis))
  const pubsub = createPubSub({ redisUrl: config.redis.url, logger, parse: parseNotice })
  onShutdown(() => pubsub.close())
  const bus = await createBus({ ...config.kafka, clientId: 'products', logger })
  onShutdown(() => bus.close())
  await bus.ensureTopics(topics)

  const stock = await assembleStock({ config, logger, db, redis, pubsub, bus, onShutdown })
  await stock.start()
  return null
})
