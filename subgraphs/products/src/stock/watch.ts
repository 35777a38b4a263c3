import { endable } from '@mall/service/endable'
import type { PubSub } from '@mall/service/pubsub'
import type { StockState } from '../domain/reserve.ts'
import { stockChannel, type StockNotice } from './notice.ts'

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
    follow: (skuIds: readonly string[]) => endable((signal) => noticesOf(skuIds, signal)),
  }

  async function* noticesOf(skuIds: readonly string[], signal: AbortSignal): AsyncGenerator<StockNotice> {
    const changes = await deps.pubsub.subscribe(skuIds.map(stockChannel), signal)
    const given = new Map<string, number>()
    const isNew = ({ skuId, version }: StockState) => {
      if (version <= (given.get(skuId) ?? -1)) return false
      given.set(skuId, version)
      return true
    }
    // What was published while the connection to Redis was lost is gone, so the states are read anew then.
    let hasMissed = false
    let wake = () => {}
    const stop = deps.pubsub.onReconnected(() => {
      hasMissed = true
      wake()
    })
    try {
      yield* (await present(skuIds)).filter(isNew)
      let next = changes.next()
      for (;;) {
        const waiting = next
        const change = await new Promise<IteratorResult<StockNotice> | null>((resolve, reject) => {
          wake = () => resolve(null)
          if (hasMissed) wake()
          waiting.then(resolve, reject)
        })
        if (!change) {
          hasMissed = false
          yield* (await present(skuIds)).filter(isNew)
          continue
        }
        if (change.done) return
        if (isNew(change.value)) yield change.value
        next = changes.next()
      }
    } finally {
      stop()
      await changes.return?.()
    }
  }

  async function present(skuIds: readonly string[]): Promise<StockNotice[]> {
    const at = deps.clock().toISOString()
    return (await deps.load([...skuIds])).map((state) => ({ ...state, at }))
  }
}
