import type { Cause, EventType, Message } from '@mall/contracts'
import type { Change, OrderRecord, OrderRepository } from '../data/order-repository.ts'
import { next, type SagaEvent, type SagaState } from './machine.ts'
import { messageOf } from './messages.ts'

/** An event for the saga of one order. Without a cause it is of orders' own making. */
export interface Incoming {
  orderId: bigint
  event: SagaEvent
  cause?: Cause
}

/** What the manager needs from around it. `announce` tells watchers that orders changed. */
export interface SagaDependencies {
  orders: OrderRepository
  publish(messages: Message[]): Promise<void>
  announce(orderIds: readonly bigint[]): Promise<void>
  clock(): Date
}

/** Moves orders along their sagas: many events, one commit, then what follows from them is sent. */
export type SagaManager = ReturnType<typeof createSagaManager>

/** Beyond this many lost races somebody writes the same orders in a loop; the bus then delivers the events again. */
const maxRaces = 20

export function createSagaManager({ orders, publish, announce, clock }: SagaDependencies) {
  /** Applies events in the order given. Resolves when all that follows is acknowledged by the broker. */
  async function handle(incoming: readonly Incoming[]): Promise<void> {
    const messages: Message[] = []
    let open = group(incoming)
    for (let race = 0; open.size > 0; race += 1) {
      if (race === maxRaces)
        throw new Error(`Orders ${[...open.keys()].join(', ')} are moved by others without end`)
      const found = await orders.findMany([...open.keys()])
      const decided = found.map((order) => decide(order, open.get(order.id) ?? [], clock()))
      const changed = decided.filter(({ change }) => change.events.length > 0)
      const written = await orders.save(changed.map(({ change }) => change))
      const settled = decided.filter((one) => !changed.includes(one) || written.has(one.change.before.id))
      messages.push(...settled.flatMap(({ send }) => send))
      await announce(changed.map(({ change }) => change.before.id).filter((id) => written.has(id)))
      const lost = new Set(changed.map(({ change }) => change.before.id).filter((id) => !written.has(id)))
      open = new Map([...open].filter(([id]) => lost.has(id)))
    }
    await publish(messages)
  }

  /** Drives on orders that have not moved for a while, and gives up those whose time is over. Returns how many. */
  async function sweep(limit = 200): Promise<number> {
    const now = clock()
    const stuck = await orders.takeStuck(now, limit)
    const decided = stuck.map(({ order, checks }) => {
      const isOver = order.deadlineAt <= now && order.status !== 'CANCELLING'
      const event: SagaEvent = { type: isOver ? 'deadline-passed' : 'sweep' }
      const { state, send } = next(order, event, now.toISOString())
      const events = isOver ? [{ event, at: now.toISOString() }] : []
      return { change: { before: order, after: state, events, checks: checks + 1, at: now }, send }
    })
    const written = await orders.save(decided.map(({ change }) => change))
    const sent = decided.filter(({ change }) => written.has(change.before.id))
    await announce(sent.map(({ change }) => change.before.id))
    await publish(
      sent.flatMap(({ change, send }) =>
        send.map((type) => messageOf(type, change.before, change.after.cancelReason)),
      ),
    )
    return stuck.length
  }

  return { handle, sweep }
}

function group(incoming: readonly Incoming[]): Map<bigint, Incoming[]> {
  return Map.groupBy(incoming, ({ orderId }) => orderId)
}

/** Runs an order through its events. Events that change nothing leave no trace in its history. */
function decide(
  order: OrderRecord,
  incoming: readonly Incoming[],
  now: Date,
): { change: Change; send: Message[] } {
  const at = now.toISOString()
  let state: SagaState = order
  const events: Change['events'] = []
  const send: Message[] = []
  for (const { event, cause } of incoming) {
    const transition = next(state, event, at)
    if (transition.state !== state) events.push({ event, at })
    state = transition.state
    send.push(...transition.send.map((type: EventType) => messageOf(type, order, state.cancelReason, cause)))
  }
  return { change: { before: order, after: state, events, checks: 0, at: now }, send }
}
