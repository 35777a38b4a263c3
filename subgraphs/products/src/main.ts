import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createBus } from '@mall/bus'
import { topics, type Message } from '@mall/contracts'
import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { createMetrics, exposeCounts } from '@mall/service/metrics'
import { createPubSub } from '@mall/service/pubsub'
import { closeRedis, createRedis, redisAnswers } from '@mall/service/redis'
import { startSubgraph } from '@mall/service/subgraph'
import { loadConfig } from './config.ts'
import { createCachedAnswers } from './data/cached-answers.ts'
import { createCatalogueRepository } from './data/catalogue-repository.ts'
import { createDatabase } from './data/database.ts'
import { createLoaders } from './data/loaders.ts'
import { startOutbox } from './events/outbox.ts'
import { serveMedia } from './media/routes.ts'
import { policies } from './policies.ts'
import { resolvers } from './resolvers/index.ts'
import { createPostgresSearch } from './search/search.ts'
import { assembleStock } from './stock/assemble.ts'
import { createStockDesk } from './stock/desk.ts'
import { parseNotice } from './stock/notice.ts'

runMain('products', async ({ onShutdown }) => {
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
  const metrics = createMetrics()
  exposeCounts(metrics, {
    name: 'mall_bus_messages_total',
    help: 'What became of messages.',
    read: bus.counts,
  })
  const publish = (messages: Message[]) => bus.publish(messages)

  const catalogue = createCatalogueRepository(db)
  const cache = createRedis(config.cacheRedisUrl, logger)
  onShutdown(() => closeRedis(cache))
  const cached = createCachedAnswers(cache)
  const search = createPostgresSearch(db)
  const { stock, live, announce, watch, start } = await assembleStock({
    config,
    logger,
    db,
    redis,
    pubsub,
    bus,
    onShutdown,
  })
  const consumers = await start()
  const outbox = startOutbox({ db, catalogue, stock, announce, cached, publish, logger })
  onShutdown(() => outbox.stop())
  const desk = createStockDesk({ db, announce, onMoved: outbox.wake })

  const server = await startSubgraph({
    name: 'products',
    typeDefs: readFileSync(join(import.meta.dirname, '..', 'schema.graphql'), 'utf8'),
    resolvers,
    policies,
    listen: config.listen,
    identityKeys: config.identityKeys,
    drainMs: config.drainMs,
    logger,
    metrics,
    routes: (app) => serveMedia(app, db),
    createContext: ({ viewer }) => ({
      viewer,
      catalogue,
      search,
      desk,
      watch,
      cached,
      wakeOutbox: outbox.wake,
      mediaBaseUrl: config.mediaBaseUrl,
      loaders: createLoaders({ catalogue, live }),
    }),
    ready: async () => ({
      database: await db.$queryRaw`select 1`.then(
        () => true,
        () => false,
      ),
      redis: await redisAnswers(redis),
      kafka: consumers.healthy(),
      catalogue: outbox.hasCaughtUp(),
    }),
  })
  onShutdown(() => server.close())
})
