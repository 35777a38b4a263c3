import type { Cause, Message } from '@mall/contracts'
import { createLru } from '@mall/service/lru'
import type { Change, OrderRecord, OrderRepository } from '../data/order-repository.ts'
import { isOverdue, next } from './machine.ts'
import { messageOf } from './messages.ts'
import { createPace } from './pace.ts'
import { placeOrder } from './place-order.ts'
import {
  isForward,
  needsAttention,
  type Milestone,
  type Outgoing,
  type SagaEvent,
  type SagaState,
} from './state.ts'

/** An event for the saga of one order. Without a cause it is of orders' own making. */
export interface Incoming {
  orderId: bigint
  event: SagaEvent
  cause?: Cause
}

/** What the manager needs from around it. */
export interface SagaDependencies {
  orders: OrderRepository
  publish(messages: Message[]): Promise<void>
  /** Tells watchers how orders stand that changed. */
  announce(orders: readonly OrderRecord[]): Promise<void>
  /** Tells staff that giving something back has been tried in vain for long; once per order, it goes on being tried. */
  alarm(orderId: bigint): void
  clock(): Date
}

/** Moves orders along their sagas: many events, one commit, then what follows from them is sent. */
export type SagaManager = ReturnType<typeof createSagaManager>

/** What became of an order, and what must be sent because of it. */
interface Decision {
  change: Change
  send: readonly { outgoing: Outgoing; cause?: Cause | undefined }[]
}

/** Beyond this many lost races somebody writes the same orders in a loop; the bus then delivers the events again. */
const maxRaces = 20

/** Orders that were moved here last: the next event of an order mostly comes to the process that had the one before. */
const maxRemembered = 5_000

export function createSagaManager({ orders, publish, announce, alarm, clock }: SagaDependencies) {
  const recent = createLru<bigint, OrderRecord>(maxRemembered)
  const pace = createPace()

  /** Applies events in the order given. Resolves when all that follows is acknowledged by the broker. */
  async function handle(incoming: readonly Incoming[]): Promise<void> {
    const settled: Decision[] = []
    const moved = new Map<bigint, OrderRecord>()
    let open = Map.groupBy(incoming, ({ orderId }) => orderId)
    for (let race = 0; open.size > 0; race += 1) {
      if (race === maxRaces)
        throw new Error(`Orders ${[...open.keys()].join(', ')} are moved by others without end`)
      const remembered = race === 0 ? recall([...open.keys()]) : []
      const known = new Set(remembered.map(({ id }) => id))
      const read = await orders.findMany([...open.keys()].filter((id) => !known.has(id)))
      const decided = [...remembered, ...read].map((order) =>
        decide(order, open.get(order.id) ?? [], clock()),
      )
      const written = await save(decided)
      for (const [id, order] of written) moved.set(id, order)
      // A change is guarded by the version it was decided on. That nothing changes is only believed of what was read now.
      const isSettled = (one: Decision) => (isChange(one) ? written.has(idOf(one)) : !known.has(idOf(one)))
      settled.push(...decided.filter(isSettled))
      const again = new Set(decided.filter((one) => !isSettled(one)).map(idOf))
      for (const id of again) recent.delete(id)
      open = new Map([...open].filter(([id]) => again.has(id)))
    }
    await follow(settled, moved)
  }

  /** Drives on orders that have not moved for a while, and gives up those whose time is over. Returns how many it looked at. */
  async function sweep(limit = 200): Promise<number> {
    const now = clock()
    const { taken, stuck } = await orders.takeStuck({
      now,
      waitingSince: new Date(now.getTime() - pace.now(now)),
      limit,
    })
    const decided = stuck.map(({ order, checks }) => {
      const isOver = isForward(order) && (isOverdue(order, now) || order.deadlineAt <= now)
      const event: SagaEvent = { type: isOver ? 'deadline-passed' : 'sweep' }
      const { change, send } = decide(order, [{ orderId: order.id, event }], now)
      return { change: { ...change, checks: checks + 1 }, send }
    })
    const written = await save(decided)
    await follow(
      decided.filter((one) => written.has(idOf(one))),
      written,
    )
    return taken
  }

  const recall = (ids: readonly bigint[]) =>
    ids.map((id) => recent.get(id)).filter((order) => order !== undefined)

  /** Writes what changes; answers with the orders written, by id. */
  async function save(decided: readonly Decision[]): Promise<ReadonlyMap<bigint, OrderRecord>> {
    const changes = decided.filter(isChange).map(({ change }) => change)
    const written = await orders.save(changes)
    for (const order of written) recent.set(order.id, order)
    const byId = new Map(written.map((order) => [order.id, order]))
    const done = changes.filter(({ before }) => byId.has(before.id))
    for (const { before, at } of done.filter(tellsPace))
      pace.saw(at.getTime() - before.updatedAt.getTime(), at)
    for (const { before, after } of done)
      if (needsAttention(after) && !needsAttention(before)) alarm(before.id)
    return byId
  }

  /**
   * What is durable is told: to watchers and caches, and to the participants that it concerns. Also what changes nothing:
   * it has come before, perhaps to a process that died before it told anyone.
   */
  async function follow(
    settled: readonly Decision[],
    moved: ReadonlyMap<bigint, OrderRecord>,
  ): Promise<void> {
    const standing = settled.map((one) => moved.get(idOf(one)) ?? one.change.before)
    await Promise.all([announce(standing), send(settled)])
  }

  async function send(decided: readonly Decision[]): Promise<void> {
    await publish(
      decided.flatMap(({ change, send }) =>
        send.map(({ outgoing, cause }) =>
          messageOf(outgoing, change.before, change.after.cancelReason, cause),
        ),
      ),
    )
    const told = decided.flatMap(({ change, send }): Incoming[] => {
      const milestones = send.map(({ outgoing }) => outgoing).filter(isMilestone)
      return milestones.length === 0
        ? []
        : [{ orderId: change.before.id, event: { type: 'told', milestones } }]
    })
    if (told.length > 0) await handle(told)
  }

  return { handle, sweep }
}

/** Runs an order through its events. Events that change nothing leave no trace in its history. */
function decide(order: OrderRecord, incoming: readonly Incoming[], now: Date): Decision {
  const at = now.toISOString()
  let state: SagaState = order
  const events: Change['events'] = []
  const send: Decision['send'][number][] = []
  for (const { event, cause } of incoming) {
    const transition = next(state, event, at)
    if (transition.state !== state && isHistory(event)) events.push({ event, at })
    state = transition.state
    send.push(...transition.send.map((outgoing) => ({ outgoing, cause })))
  }
  // A refusal is no progress: what cannot be given back is asked for as rarely as before it was said.
  const checks = incoming.every(({ event }) => event.type === 'payment-refund-failed') ? null : 0
  return { change: { before: order, after: state, events, checks, at: now }, send }
}

const idOf = ({ change }: Decision) => change.before.id
const isChange = ({ change }: Decision) => change.after !== change.before
const isHistory = ({ type }: SagaEvent) => type !== 'sweep' && type !== 'told'
/**
 * True when a participant answered by itself: people take their time, and what had to be asked again was stuck, which
 * says nothing of how long a step takes.
 */
function tellsPace({ before, events }: Change): boolean {
  const isAnswer = ({ event: { type } }: Change['events'][number]) =>
    placeOrder.some(({ done, failed, undone }) => [done, failed, ...undone].some((one) => one === type))
  const wasAskedAgain = before.steps.some(({ attempts, undo }) => attempts > 1 || (undo?.attempts ?? 0) > 1)
  return before.status !== 'AWAITING_PAYMENT' && !wasAskedAgain && events.some(isAnswer)
}

const isMilestone = (outgoing: Outgoing): outgoing is Milestone =>
  ['order-shipped', 'order-delivered', 'order-returned'].includes(outgoing.type)
