import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createBus } from '@mall/bus'
import { topics } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { createMetrics, exposeCounts } from '@mall/service/metrics'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis, redisAnswers } from '@mall/service/redis'
import { startSubgraph } from '@mall/service/subgraph'
import { assembleOrders } from './assemble.ts'
import { loadConfig } from './config.ts'
import { createDatabase } from './data/database.ts'
import { createLoaders } from './data/loaders.ts'
import { policies } from './policies.ts'
import { resolvers } from './resolvers/index.ts'
import { servePaymentNotices } from './rest/payment-notices.ts'

runMain('orders', async ({ onShutdown }) => {
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
  const metrics = createMetrics()
  exposeCounts(metrics, {
    name: 'mall_bus_messages_total',
    help: 'What became of messages.',
    read: bus.counts,
  })

  const parts = await assembleOrders({ config, logger, metrics, db, redis, pubsub, bus, onShutdown })
  const consumers = await parts.start()

  const server = await startSubgraph({
    name: 'orders',
    typeDefs: readFileSync(join(import.meta.dirname, '..', 'schema.graphql'), 'utf8'),
    resolvers,
    policies,
    listen: config.listen,
    identityKeys: config.identityKeys,
    drainMs: config.drainMs,
    logger,
    metrics,
    routes: (app) => servePaymentNotices(app, parts.takeNotice),
    createContext: ({ viewer }) => ({ ...parts, viewer, loaders: createLoaders({ ...parts, db }) }),
    ready: async () => ({
      database: await db.$queryRaw`select 1`.then(
        () => true,
        () => false,
      ),
      redis: await redisAnswers(redis),
      kafka: consumers.healthy(),
      catalogue: await consumers.hasReadWhatItNeeds(),
    }),
  })
  onShutdown(() => server.close())
})
