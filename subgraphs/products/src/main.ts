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
import { createCatalogueRepository } from './data/catalogue-repository.ts'
import { createDatabase } from './data/database.ts'
import { createLoaders } from './data/loaders.ts'
import { startOutbox } from './events/outbox.ts'
import { serveMedia } from './media/routes.ts'
import { policies } from './policies.ts'
import { resolvers } from './resolvers/index.ts'
import { createPostgresSearch } from './search/search.ts'
import { createAnnounceStock, parseNotice } from './stock/announce.ts'
import { createStockDesk } from './stock/desk.ts'
import { startExpiry } from './stock/expiry.ts'
import { createLiveStock } from './stock/live-stock.ts'
import { createStockParticipant } from './stock/participant.ts'
import { createStockRepository } from './stock/stock-repository.ts'
import { createStockWatch } from './stock/watch.ts'

/** How far back stock is announced anew at the start: what a crash may have kept from being told. */
const reannounceMs = 10 * 60_000

runMain('products', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'products', level: config.logLevel })
  const clock = () => new Date()

  const db = createDatabase(config.database)
  onShutdown(() => db.$disconnect())
  const redis = createRedis(config.redis.url, logger)
  onShutdown(() => closeRedis(redis))
  const pubsub = createPubSub({ redisUrl: config.redis.url, logger, parse: parseNotice })
  onShutdown(() => pubsub.close())
  const bus = await createBus({ ...config.kafka, clientId: 'products', logger })
  onShutdown(() => bus.close())
  await bus.ensureTopics(topics)
  const publish = (messages: Message[]) => bus.publish(messages)

  const catalogue = createCatalogueRepository(db)
  const search = createPostgresSearch(db)
  const stock = createStockRepository(db)
  const live = createLiveStock(redis, {
    logger,
    load: stock.load,
    loadAll: () => stock.changedSince(new Date(0)),
  })
  const announce = createAnnounceStock({ live, pubsub, publish, logger, clock })
  const watch = createStockWatch({ pubsub, load: stock.load, clock })
  await live.rebuild()
  await announce(await stock.changedSince(new Date(clock().getTime() - reannounceMs)))

  const participant = createStockParticipant({
    stock,
    live,
    announce,
    publish,
    clock,
    reservationMs: config.stock.reservationMs,
  })
  const consumers = await Promise.all([
    bus.consume({ group: 'products-reserve', topics: ['order-placed'], handle: participant.reserve }),
    bus.consume({ group: 'products-release', topics: ['stock-release'], handle: participant.release }),
    bus.consume({ group: 'products-commit', topics: ['order-confirmed'], handle: participant.commit }),
    bus.consume({ group: 'products-returns', topics: ['order-returned'], handle: participant.takeBack }),
  ])
  onShutdown(startExpiry(participant, logger))
  const outbox = startOutbox({ db, catalogue, publish, logger })
  onShutdown(() => outbox.stop())
  const desk = createStockDesk({ db, announce, onMoved: outbox.wake })

  const server = await startSubgraph({
    name: 'products',
    typeDefs: readFileSync(join(import.meta.dirname, '..', 'schema.graphql'), 'utf8'),
    resolvers,
    policies,
    listen: config.listen,
    identityKeys: config.identityKeys,
    logger,
    routes: (app) => serveMedia(app, db),
    createContext: ({ viewer }) => ({
      viewer,
      catalogue,
      search,
      desk,
      watch,
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
      kafka: consumers.every((consumer) => consumer.healthy()),
      catalogue: outbox.hasCaughtUp(),
    }),
  })
  onShutdown(() => server.close())
})
