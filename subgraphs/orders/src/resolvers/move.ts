import type { Context } from '../context.ts'
import type { OrderRecord } from '../data/order-repository.ts'
import type { SagaEvent } from '../saga/state.ts'

/**
 * Applies an event and answers with the order as it then stands. Whoever has the answer reads nothing older afterwards,
 * through whatever instance, hence the wait for the cache; the saga itself does not wait for it.
 */
export async function move(
  order: OrderRecord,
  event: SagaEvent,
  { saga, orders, cache }: Pick<Context, 'saga' | 'orders' | 'cache'>,
): Promise<OrderRecord> {
  await saga.handle([{ orderId: order.id, event }])
  const [[now]] = await Promise.all([orders.findMany([order.id]), cache.forget([order.id])])
  return now ?? order
}
