import { createMessage, type AnyEvent, type Envelope, type Message } from '@mall/contracts'
import { allocate } from './allocate.ts'
import type { AllocationRecord, WarehouseRepository } from './warehouse-repository.ts'

/** What the participant needs from around it. */
export interface WarehouseDependencies {
  warehouses: WarehouseRepository
  publish(messages: Message[]): Promise<void>
}

/** Sets goods aside for orders. Its row per order is its inbox: a repeat gets the same answer. */
export type WarehouseParticipant = ReturnType<typeof createWarehouseParticipant>

/** What the participant listens to besides `stock-adjusted`, which has a group of its own. */
export const warehouseTopics = [
  'payment-succeeded',
  'warehouse-release',
  'order-shipped',
  'order-delivered',
  'order-returned',
] as const

export function createWarehouseParticipant({ warehouses, publish }: WarehouseDependencies) {
  return {
    /** Resolves when every answer is acknowledged by the broker. */
    async handle(events: readonly AnyEvent[]): Promise<void> {
      await count(events.filter((event) => event.type === 'stock-adjusted'))
      const released = await release(events.filter((event) => event.type === 'warehouse-release'))
      const allocated = await setAside(events.filter((event) => event.type === 'payment-succeeded'))
      await publish([...released, ...allocated])
      await follow(events)
    },
  }

  /** What happens to the goods once they leave is only written down; nobody waits for an answer. */
  async function follow(events: readonly AnyEvent[]): Promise<void> {
    const shipped = events.filter((event) => event.type === 'order-shipped')
    const delivered = events.filter((event) => event.type === 'order-delivered')
    const returned = events.filter((event) => event.type === 'order-returned')
    if (shipped.length > 0) await warehouses.ship(shipped.map(({ data }) => data))
    if (delivered.length > 0) await warehouses.deliver(delivered.map(({ data }) => data.orderId))
    if (returned.length > 0) await warehouses.takeBack(returned.map(({ data }) => data))
  }

  async function count(events: Envelope<'stock-adjusted'>[]): Promise<void> {
    if (events.length > 0) await warehouses.count(events.map(({ data }) => data))
  }

  async function release(events: Envelope<'warehouse-release'>[]): Promise<Message[]> {
    if (events.length === 0) return []
    await warehouses.release(events.map(({ data }) => BigInt(data.orderId)))
    return events.map((cause) =>
      createMessage('warehouse-released', { orderId: cause.data.orderId }, { cause }),
    )
  }

  async function setAside(events: Envelope<'payment-succeeded'>[]): Promise<Message[]> {
    if (events.length === 0) return []
    const all = await warehouses.warehouses()
    const demands = [...new Map(events.map(({ data }) => [BigInt(data.orderId), data])).entries()]
    const skuIds = demands.flatMap(([, { lines }]) => lines.map(({ skuId }) => skuId))
    const present = await warehouses.allocate(
      demands.map(([orderId]) => orderId),
      skuIds,
      (existing, shelves) =>
        demands
          .filter(([orderId]) => !existing.has(orderId))
          .map(([orderId, { lines, destination }]): AllocationRecord => {
            const fresh = { orderId, trackingNumber: null }
            const decided = allocate({ lines, region: destination.region }, all, shelves)
            return 'reason' in decided
              ? { ...fresh, status: 'REJECTED', allocations: [], reason: decided.reason }
              : { ...fresh, status: 'ALLOCATED', allocations: decided, reason: null }
          }),
    )
    const byOrder = new Map(present.map((one) => [String(one.orderId), one]))
    return events.flatMap((event) => answerOf(event, byOrder.get(event.data.orderId)))
  }
}

/** The answer follows from the stored allocation alone. A released one has been answered by releasing it. */
function answerOf(cause: Envelope<'payment-succeeded'>, allocation: AllocationRecord | undefined): Message[] {
  const { orderId } = cause.data
  if (allocation?.status === 'ALLOCATED')
    return [createMessage('warehouse-allocated', { orderId, allocations: allocation.allocations }, { cause })]
  if (allocation?.status === 'REJECTED')
    return [
      createMessage('warehouse-rejected', { orderId, reason: allocation.reason ?? 'Refused.' }, { cause }),
    ]
  return []
}
