import type { PubSub } from '@mall/service/pubsub'
import type { StockState } from '../domain/reserve.ts'
import { stockChannel, type StockNotice } from './announce.ts'

/** Follows the stock of SKUs across all instances. */
export type StockWatch = ReturnType<typeof createStockWatch>

export function createStockWatch(deps: {
  pubsub: PubSub<StockNotice>
  load(skuIds: string[]): Promise<StockState[]>
  clock(): Date
}) {
  return {
    /**
     * The present state of each SKU, then every newer one. The channels stand before the state is read, so nothing falls
     * between; a version not above the last one given is a repeat and is left out.
     */
    async *follow(skuIds: readonly string[]): AsyncGenerator<StockNotice> {
      const changes = await deps.pubsub.subscribe(skuIds.map(stockChannel))
      const given = new Map<string, number>()
      const isNew = ({ skuId, version }: StockState) => {
        if (version <= (given.get(skuId) ?? -1)) return false
        given.set(skuId, version)
        return true
      }
      // What was published while the connection to Redis was lost is gone: a wake-up reads the states anew.
      const waiting: StockNotice[] = []
      const stop = deps.pubsub.onReconnected(
        () => void present(skuIds).then((states) => waiting.push(...states)),
      )
      try {
        yield* (await present(skuIds)).filter(isNew)
        for await (const change of changes) {
          yield* waiting.splice(0).filter(isNew)
          if (isNew(change)) yield change
        }
      } finally {
        stop()
        await changes.return?.()
      }
    },
  }

  async function present(skuIds: readonly string[]): Promise<StockNotice[]> {
    const at = deps.clock().toISOString()
    return (await deps.load([...skuIds])).map((state) => ({ ...state, at }))
  }
}
