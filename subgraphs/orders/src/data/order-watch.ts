import { endable } from '@mall/service/endable'
import type { PubSub } from '@mall/service/pubsub'
import type { OrderRecord, OrderRepository } from './order-repository.ts'

/** Tells which orders changed, across all instances, and follows one. */
export type OrderWatch = ReturnType<typeof createOrderWatch>

export function createOrderWatch(pubsub: PubSub<unknown>, orders: OrderRepository) {
  return {
    /** Wakes everyone who follows these orders. */
    async announce(orderIds: readonly bigint[]): Promise<void> {
      await Promise.all(orderIds.map((id) => pubsub.publish(channelOf(id), null)))
    },

    /**
     * The order now, and then whenever it has moved. The channel stands before the first read, so nothing falls between;
     * each state is read anew and given once, because what woke us may be older than what we have read.
     */
    follow: (id: bigint) => endable((signal) => statesOf(id, signal)),
  }

  async function* statesOf(id: bigint, signal: AbortSignal): AsyncGenerator<OrderRecord> {
    const changes = await pubsub.subscribe([channelOf(id)], signal)
    try {
      let seen = -1
      do {
        const [order] = await orders.findMany([id])
        if (!order || order.version <= seen) continue
        seen = order.version
        yield order
      } while (!(await changes.next()).done)
    } finally {
      await changes.return?.()
    }
  }
}

const channelOf = (id: bigint) => `order-changed:${id}`
