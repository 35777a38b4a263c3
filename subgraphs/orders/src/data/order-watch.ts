import { endable } from '@mall/service/endable'
import type { PubSub } from '@mall/service/pubsub'
import { decodeOrder, encodeOrder } from './order-json.ts'
import type { OrderRecord, OrderRepository } from './order-repository.ts'

/** Tells which orders changed, across all instances, and follows one. */
export type OrderWatch = ReturnType<typeof createOrderWatch>

export function createOrderWatch(pubsub: PubSub<unknown>, orders: OrderRepository) {
  return {
    /** Tells everyone who follows these orders how they stand. */
    async announce(moved: readonly OrderRecord[]): Promise<void> {
      await Promise.all(moved.map((order) => pubsub.publish(channelOf(order.id), encodeOrder(order))))
    },

    /**
     * The order now, and then whenever it has moved. The channel stands before the first read, so nothing falls between;
     * what is told may be older than what was given, and is then left out.
     */
    follow: (id: bigint) => endable((signal) => statesOf(id, signal)),
  }

  async function* statesOf(id: bigint, signal: AbortSignal): AsyncGenerator<OrderRecord> {
    const channel = channelOf(id)
    const changes = await pubsub.subscribe([channel], signal)
    // What was told while the connection to Redis was lost is gone, so everyone reads anew.
    const stop = pubsub.onReconnected(() => void pubsub.publish(channel, null).catch(() => {}))
    try {
      let seen = -1
      let told: unknown = null
      for (;;) {
        const order =
          (typeof told === 'string' ? decodeOrder(told) : null) ?? (await orders.findMany([id]))[0]
        if (order && order.version > seen) {
          seen = order.version
          yield order
        }
        const change = await changes.next()
        if (change.done) return
        told = change.value
      }
    } finally {
      stop()
      await changes.return?.()
    }
  }
}

const channelOf = (id: bigint) => `order-changed:${id}`
