import { createMessage, type Message } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import type { StockState } from '../domain/reserve.ts'
import type { Asked, LiveStock } from './live-stock.ts'

/**
 * Tells of stock that has changed durably: the live copy with its watchers, and other subgraphs, side by side. Resolves
 * when Kafka has acknowledged all; Redis may follow later.
 */
export type AnnounceStock = (
  changed: readonly StockState[],
  options?: {
    /** Orders that are decided now, of which the gate may forget what they asked. */
    decided?: readonly Asked[]
    /** What else is to be said; it leaves first, as a saga waits for it. */
    answers?: readonly Message[]
  },
) => Promise<void>

export function createAnnounceStock(deps: {
  live: LiveStock
  publish(messages: Message[]): Promise<void>
  logger: Logger
}): AnnounceStock {
  return async (changed, { decided = [], answers = [] } = {}) => {
    // The stock itself is safe: the copy is kept up with it, and not believed until it is.
    const told = deps.live.apply(changed, decided).catch((error: unknown) => {
      deps.logger.warn({ error }, 'the live copy of stock could not be told')
      deps.live.distrust()
    })
    await Promise.all([told, deps.publish([...answers, ...changed.map(stockChanged)])])
  }
}

/** What other subgraphs are told of a SKU. */
export const stockChanged = ({ skuId, available, reserved, sold, version }: StockState): Message =>
  createMessage('stock-changed', { skuId, available, reserved, sold, version })
