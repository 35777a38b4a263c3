import type { EventType } from '@mall/contracts'
import type { OrderStatus } from '../domain/order.ts'
import { placeOrder, type StepName } from './place-order.ts'

/** How far one step has come. Times are RFC 3339. */
export interface Step {
  name: StepName
  status: 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'COMPENSATED' | 'SKIPPED'
  startedAt: string | null
  finishedAt: string | null
  attempts: number
  error: string | null
}

/** The saga of one order. `undoing` is the index of the step being undone, null while it goes forward. */
export interface SagaState {
  status: OrderStatus
  steps: readonly Step[]
  undoing: number | null
  cancelReason: string | null
}

/** What the saga manager reacts to: the participants' events, and what happens in orders itself. */
export interface SagaEvent {
  type: EventType | 'cancel-requested' | 'deadline-passed' | 'sweep'
  reason?: string
}

/** The state after an event and what the manager must send because of it. The same state object means: nothing new. */
export interface Transition {
  state: SagaState
  send: readonly EventType[]
}

/** The saga of an order that has just been placed. */
export function begin(at: string): SagaState {
  const steps = placeOrder.map(({ step }, index): Step => {
    const pending: Step = {
      name: step,
      status: 'PENDING',
      startedAt: null,
      finishedAt: null,
      attempts: 0,
      error: null,
    }
    return index === 0 ? start(pending, at) : pending
  })
  return { status: 'PLACED', steps, undoing: null, cancelReason: null }
}

/**
 * The whole decision of the saga manager, without I/O: what an order becomes by an event at a time (RFC 3339).
 * Events may come twice, late or in another order than they happened; steps only move forward.
 */
export function next(state: SagaState, event: SagaEvent, at: string): Transition {
  switch (event.type) {
    case 'cancel-requested':
    case 'deadline-passed':
      return isForward(state) || (state.status === 'CONFIRMED' && event.type === 'cancel-requested')
        ? compensate(state, placeOrder.length - 1, event.reason ?? 'Not completed in time.')
        : nothing(state)
    case 'sweep':
      return sweep(state)
    case 'payment-initiated':
      return awaitPayment(state, at)
    default:
      return participantSaid(state, event, at)
  }
}

/** What the manager must have sent for an order to stand as it does. Sending it again drives a stuck order on. */
export function outgoing(state: SagaState): EventType[] {
  if (state.status === 'CANCELLING') return state.undoing === null ? [] : [undoOf(state, state.undoing)]
  if (state.status === 'CONFIRMED') return ['order-confirmed']
  if (state.status === 'CANCELLED') return ['order-cancelled']
  return isForward(state) ? ['order-placed'] : []
}

/** True while the saga still has something to do, so that the sweeper must watch it. */
export const isMoving = (state: SagaState) => isForward(state) || state.status === 'CANCELLING'

/** True while an order can be cancelled: until it is shipped. */
export const isCancellable = (status: OrderStatus) =>
  forwardStatuses.includes(status) || status === 'CONFIRMED' || status === 'CANCELLING'

const forwardStatuses: readonly OrderStatus[] = ['PLACED', 'STOCK_RESERVED', 'AWAITING_PAYMENT', 'PAID']
const isForward = (state: SagaState) => forwardStatuses.includes(state.status)
const nothing = (state: SagaState): Transition => ({ state, send: [] })

function participantSaid(state: SagaState, event: SagaEvent, at: string): Transition {
  const says = (types: readonly string[]) => types.includes(event.type)
  const done = placeOrder.findIndex((plan) => says([plan.done]))
  if (done >= 0) return stepDone(state, done, at)
  const failed = placeOrder.findIndex((plan) => says([plan.failed]))
  if (failed >= 0) return stepFailed(state, failed, event.reason ?? 'Refused.', at)
  const undone = placeOrder.findIndex((plan) => says(plan.undone))
  if (undone >= 0) return stepUndone(state, undone, event.reason, at)
  return nothing(state)
}

function stepDone(state: SagaState, index: number, at: string): Transition {
  const last = index === placeOrder.length - 1
  if (!isForward(state)) return repeatIf(last && state.status === 'CONFIRMED', state)
  if (state.steps[index]?.status === 'DONE') return nothing(state)
  // An answer can overtake the one before it, on another topic: what led to it must then be done as well.
  const steps = state.steps.map((step, i) =>
    i <= index ? finish(step, 'DONE', at) : i === index + 1 ? start(step, at) : step,
  )
  const reaches = placeOrder[index]?.reaches ?? state.status
  return { state: { ...state, status: reaches, steps }, send: last ? ['order-confirmed'] : [] }
}

function stepFailed(state: SagaState, index: number, error: string, at: string): Transition {
  if (!isForward(state)) return repeatIf(index === 0 && state.status === 'CANCELLED', state)
  if (state.steps[index]?.status === 'DONE') return nothing(state)
  const steps = state.steps.map((step, i): Step => {
    if (i < index) return finish(step, 'DONE', at)
    return i === index ? { ...finish(step, 'FAILED', at), error } : { ...step, status: 'SKIPPED' }
  })
  return compensate({ ...state, steps }, index - 1, error)
}

function stepUndone(state: SagaState, index: number, reason: string | undefined, at: string): Transition {
  // Products gave the units back by itself, because the reservation's time was up.
  if (isForward(state) && index === 0)
    return compensate(state, placeOrder.length - 1, reason ?? 'Reservation expired.')
  if (state.status === 'CANCELLING' && state.undoing === index) {
    const steps = state.steps.map((step, i) => (i === index ? undo(step, at) : step))
    return proceedUndoing({ ...state, steps }, index - 1)
  }
  const wasLast = state.status === 'CANCELLED' ? index === 0 : state.undoing === index - 1
  return repeatIf(wasLast, state)
}

function awaitPayment(state: SagaState, at: string): Transition {
  if (!isForward(state) || state.status === 'AWAITING_PAYMENT' || state.status === 'PAID')
    return nothing(state)
  const steps = state.steps.map((step, i) =>
    i === 0 ? finish(step, 'DONE', at) : i === 1 ? start(step, at) : step,
  )
  return { state: { ...state, status: 'AWAITING_PAYMENT', steps }, send: [] }
}

/**
 * Starts undoing from a step down to the first. A cancellation undoes every step, even those not yet known to be
 * done: choreography may have run ahead of us, and a participant that is asked first refuses what comes later.
 */
function compensate(state: SagaState, from: number, reason: string): Transition {
  return proceedUndoing({ ...state, status: 'CANCELLING', cancelReason: reason }, from)
}

function proceedUndoing(state: SagaState, index: number): Transition {
  const moved: SagaState =
    index < 0 ? { ...state, status: 'CANCELLED', undoing: null } : { ...state, undoing: index }
  return { state: moved, send: outgoing(moved) }
}

function sweep(state: SagaState): Transition {
  if (!isMoving(state)) return nothing(state)
  const steps = state.steps.map((step) =>
    step.status === 'RUNNING' ? { ...step, attempts: step.attempts + 1 } : step,
  )
  return { state: { ...state, steps }, send: outgoing(state) }
}

/**
 * An event that was handled before, but whose consequences may not have been sent: the process can have died between
 * commit and publish, and the broker then delivers the event again.
 */
function repeatIf(wasTheCause: boolean, state: SagaState): Transition {
  return { state, send: wasTheCause ? outgoing(state) : [] }
}

function undoOf(state: SagaState, index: number): EventType {
  const plan = placeOrder[index]
  if (!plan) throw new Error(`The saga has no step ${index}`)
  return plan.undo === 'payment-refund' && state.steps[index]?.status !== 'DONE' ? 'payment-close' : plan.undo
}

function start(step: Step, at: string): Step {
  return step.status === 'PENDING' ? { ...step, status: 'RUNNING', startedAt: at, attempts: 1 } : step
}

function finish(step: Step, status: 'DONE' | 'FAILED', at: string): Step {
  if (step.status === 'DONE') return step
  return {
    ...step,
    status,
    startedAt: step.startedAt ?? at,
    finishedAt: at,
    attempts: Math.max(step.attempts, 1),
  }
}

function undo(step: Step, at: string): Step {
  if (step.status === 'PENDING') return { ...step, status: 'SKIPPED' }
  if (step.status === 'FAILED' || step.status === 'SKIPPED') return step
  return { ...step, status: 'COMPENSATED', finishedAt: at }
}
