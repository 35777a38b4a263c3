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
    const demands = new Map(events.map(({ data }) => [BigInt(data.orderId), data]))
    for (let race = 0; race < maxRaces; race += 1) {
      const present = await trySetAside(demands)
      if (!present) continue
      const byOrder = new Map(present.map((one) => [String(one.orderId), one]))
      return events.flatMap((event) => answerOf(event, byOrder.get(event.data.orderId)))
    }
    throw new Error('The goods of these orders are taken by others without end')
  }

  /** All allocations as they then stand, or null when somebody else was faster. */
  async function trySetAside(
    demands: ReadonlyMap<bigint, Envelope<'payment-succeeded'>['data']>,
  ): Promise<AllocationRecord[] | null> {
    const orderIds = [...demands.keys()]
    const skuIds = [...demands.values()].flatMap(({ lines }) => lines.map(({ skuId }) => skuId))
    const [all, { existing, shelves }] = await Promise.all([
      warehouses.warehouses(),
      warehouses.look(orderIds, [...new Set(skuIds)]),
    ])
    const known = new Set(existing.map(({ orderId }) => orderId))
    const made = [...demands]
      .filter(([orderId]) => !known.has(orderId))
      .map(([orderId, { lines, destination }]): AllocationRecord => {
        const decided = allocate({ lines, region: destination.region }, all, shelves)
        const fresh = { orderId, trackingNumber: null }
        return 'reason' in decided
          ? { ...fresh, status: 'REJECTED', allocations: [], reason: decided.reason }
          : { ...fresh, status: 'ALLOCATED', allocations: decided, reason: null }
      })
    if (made.length === 0) return existing
    const written = await warehouses.allocate(made)
    if (written === null) return null
    const lost = made.map(({ orderId }) => orderId).filter((orderId) => !written.has(orderId))
    // A release, or another instance with the same message, was faster: what it wrote stands.
    const others = lost.length > 0 ? await warehouses.findAllocations(lost) : []
    return [...existing, ...made.filter(({ orderId }) => written.has(orderId)), ...others]
  }
}

/** Beyond this many lost races somebody takes the same goods in a loop; the bus then delivers the events again. */
const maxRaces = 20

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
