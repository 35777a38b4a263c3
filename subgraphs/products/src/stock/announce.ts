import { createMessage, type Message } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import type { PubSub } from '@mall/service/pubsub'
import type { StockState } from '../domain/reserve.ts'
import type { LiveStock } from './live-stock.ts'

/** What watchers of a SKU are told. */
export interface StockNotice extends StockState {
  /** RFC 3339. */
  at: string
}

/** Tells of stock that has changed durably: the live copy first, then watchers on every instance, then other subgraphs. */
export type AnnounceStock = (changed: readonly StockState[], decided?: readonly string[]) => Promise<void>

/** The channel on which a SKU's watchers listen. */
export const stockChannel = (skuId: string) => `stock-changed:${skuId}`

export function createAnnounceStock(deps: {
  live: LiveStock
  pubsub: PubSub<StockNotice>
  publish(messages: Message[]): Promise<void>
  logger: Logger
  clock(): Date
}): AnnounceStock {
  return async (changed, decided = []) => {
    const at = deps.clock().toISOString()
    try {
      await deps.live.apply(changed, decided)
      await Promise.all(
        changed.map((state) => deps.pubsub.publish(stockChannel(state.skuId), { ...state, at })),
      )
    } catch (error) {
      // The stock itself is safe. The copy is not believed until it has been built anew.
      deps.logger.warn({ error }, 'the live copy of stock could not be told')
      void deps.live.rebuild()
    }
    await deps.publish(
      changed.map(({ skuId, available, reserved, sold, version }) =>
        createMessage('stock-changed', { skuId, available, reserved, sold, version }),
      ),
    )
  }
}

/** Checks what came over Redis. Throws a TypeError. */
export function parseNotice(payload: unknown): StockNotice {
  if (!isNotice(payload)) throw new TypeError('This is not a notice of stock')
  return payload
}

function isNotice(value: unknown): value is StockNotice {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return (
    ['available', 'reserved', 'sold', 'version'].every((name) => typeof fields.get(name) === 'number') &&
    ['skuId', 'at'].every((name) => typeof fields.get(name) === 'string')
  )
}
