import type { Database } from '../data/database.ts'
import { createOrderRepository, type OrderRecord } from '../data/order-repository.ts'
import type { OrderContent } from '../domain/order.ts'
import { createSagaManager } from '../saga/manager.ts'
import { begin } from '../saga/state.ts'
import { orderContent } from './order-content.ts'
import type { Story } from './stories.ts'

/** The saga manager on a database, with a broker that takes everything and a clock that moves a second per event. */
export type SagaRoom = ReturnType<typeof createSagaRoom>

export function createSagaRoom(
  db: Database,
  announce: (orders: readonly OrderRecord[]) => Promise<void> = async () => {},
) {
  let lastId = 0n
  let now = Date.parse('2026-01-01T00:00:00.000Z')
  const orders = createOrderRepository(db, { sweepAfterMs: 2_000 })
  const saga = createSagaManager({
    orders,
    publish: async () => {},
    announce,
    alarm: () => {},
    clock: () => new Date((now += 1_000)),
  })
  return { orders, saga, place, play }

  /** Places an order; its id. */
  async function place(changes: Partial<OrderContent> = {}): Promise<bigint> {
    lastId += 1n
    const content = orderContent({ id: lastId, placedAt: new Date(now), ...changes })
    await orders.insert([{ content, saga: begin(content.placedAt.toISOString(), content) }])
    return content.id
  }

  /** Places an order and lets everything happen to it, one event after the other; its id. */
  async function play({ events }: Story): Promise<bigint> {
    const orderId = await place()
    for (const event of events) await saga.handle([{ orderId, event }])
    return orderId
  }
}
