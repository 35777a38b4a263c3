import { createMessage, type Message } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import type { CachedAnswers } from '../data/cached-answers.ts'
import type { CatalogueRepository } from '../data/catalogue-repository.ts'
import type { Database } from '../data/database.ts'
import type { AnnounceStock } from '../stock/announce.ts'
import type { StockRepository } from '../stock/stock-repository.ts'

/** Sends what rows say is not sent yet: changed products, to routers' caches too, and stock adjustments. */
export interface Outbox {
  /** Looks now instead of at the next tick. */
  wake(): void
  /** True once everything that stood there at the start has been sent. */
  hasCaughtUp(): boolean
  stop(): Promise<void>
}

const everyMs = 1_000
const batch = 200

/** Two instances may send the same row at once; readers take over the same state twice, and count a ledger id once. */
export function startOutbox(deps: {
  db: Database
  catalogue: CatalogueRepository
  stock: Pick<StockRepository, 'load'>
  announce: AnnounceStock
  cached: Pick<CachedAnswers, 'forget'>
  publish(messages: Message[]): Promise<void>
  logger: Logger
}): Outbox {
  const { db, catalogue, stock, announce, cached, publish, logger } = deps
  let caughtUp = false
  let stopped = false
  let round: Promise<void> = Promise.resolve()
  let queued = false
  const wake = () => {
    if (queued || stopped) return
    queued = true
    round = round.then(async () => {
      queued = false
      try {
        while (!stopped && ((await sendCatalogue()) === batch || (await sendAdjustments()) === batch));
        caughtUp = true
      } catch (error) {
        logger.warn({ error }, 'what is due could not be sent yet')
      }
    })
  }
  const timer = setInterval(wake, everyMs)
  wake()
  return {
    wake,
    hasCaughtUp: () => caughtUp,
    async stop() {
      stopped = true
      clearInterval(timer)
      await round
    },
  }

  async function sendCatalogue(): Promise<number> {
    const due = await catalogue.findUnpublished(batch)
    // Neither waits for the other: with Kafka away prices must still be seen to change, with Redis away orders must know them.
    await Promise.all([
      cached.forget(due),
      publish(due.map((product) => createMessage('catalogue-changed', product))),
    ])
    await catalogue.markPublished(due)
    return due.length
  }

  async function sendAdjustments(): Promise<number> {
    const due = await db.stockLedger.findMany({
      where: { published: false },
      orderBy: { at: 'asc' },
      take: batch,
    })
    if (due.length === 0) return 0
    // The stock itself too: whoever moved it may have died before it was announced.
    await announce(await stock.load(due.map(({ skuId }) => skuId)), {
      answers: due.map(({ id: ledgerId, skuId, warehouseId, delta }) =>
        createMessage('stock-adjusted', { ledgerId, skuId, warehouseId, delta }),
      ),
    })
    await db.stockLedger.updateMany({
      where: { id: { in: due.map(({ id }) => id) } },
      data: { published: true },
    })
    return due.length
  }
}
