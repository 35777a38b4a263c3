import type { Bus } from '@mall/bus'
import type { Message } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import type { MainContext } from '@mall/service/main'
import type { PubSub } from '@mall/service/pubsub'
import type { Redis } from 'ioredis'
import type { Config } from '../config.ts'
import type { Database } from '../data/database.ts'
import { createAnnounceStock, stockChanged } from './announce.ts'
import { startExpiry } from './expiry.ts'
import { createLiveStock } from './live-stock.ts'
import type { StockNotice } from './notice.ts'
import { createStockParticipant } from './participant.ts'
import { createStockRepository } from './stock-repository.ts'
import { createStockWatch } from './watch.ts'

/** What stock stands on. */
export interface StockFoundations extends Pick<MainContext, 'onShutdown'> {
  config: Pick<Config, 'stock'>
  logger: Logger
  db: Database
  redis: Redis
  pubsub: PubSub<StockNotice>
  bus: Pick<Bus, 'publish' | 'consume'>
}

/** How soon the live copy is right again, whatever it missed. */
const keepUpEveryMs = 1_000

/** Puts stock and its part in the saga together; the same for the process, its benchmarks and its tests. */
export async function assembleStock(foundations: StockFoundations) {
  const { config, logger, db, redis, pubsub, bus, onShutdown } = foundations
  const clock = () => new Date()
  const publish = (messages: Message[]) => bus.publish(messages)

  const stock = createStockRepository(db)
  const live = createLiveStock(redis, {
    logger,
    load: stock.load,
    loadAll: stock.loadAll,
    loadRecent: stock.changedWithin,
    clock,
    onMissed: (states) =>
      void publish(states.map(stockChanged)).catch((error: unknown) =>
        logger.warn({ error }, 'others could not be told of stock that Redis had missed'),
      ),
  })
  const announce = createAnnounceStock({ live, publish, logger })
  const watch = createStockWatch({ pubsub, load: stock.load, clock })
  await live.rebuild()
  const keeping = setInterval(() => void live.keepUp(), keepUpEveryMs)
  onShutdown(() => clearInterval(keeping))

  const participant = createStockParticipant({
    stock,
    live,
    announce,
    clock,
    reservationMs: config.stock.reservationMs,
  })
  return { stock, live, announce, watch, start }

  /** Takes part in the saga until the shutdown. */
  async function start() {
    const consumers = await Promise.all([
      bus.consume({ group: 'products-reserve', topics: ['order-placed'], handle: participant.reserve }),
      bus.consume({ group: 'products-release', topics: ['stock-release'], handle: participant.release }),
      bus.consume({ group: 'products-commit', topics: ['order-confirmed'], handle: participant.commit }),
      bus.consume({ group: 'products-returns', topics: ['order-returned'], handle: participant.takeBack }),
    ])
    onShutdown(startExpiry(participant, logger))
    return { healthy: () => consumers.every((consumer) => consumer.healthy()) }
  }
}
