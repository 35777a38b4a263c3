import { placeOrder } from './place-order.ts'
import {
  deliver,
  receive,
  refundDone,
  refundFailed,
  requestRefund,
  sayRefunds,
  ship,
  told,
} from './after-sale.ts'
import { isForward, isMoving, isSold, start, unchanged } from './state.ts'
import type { Outgoing, SagaEvent, SagaState, Step, Transition } from './state.ts'
import { countAttempt, sayUndoing, stepUndone, undoAll, undoFailed, undoFrom } from './undoing.ts'

/**
 * The whole decision of the saga manager, without I/O: what an order becomes by an event at a time (RFC 3339).
 * Events may come twice, late or in another order than they happened; steps only move forward.
 */
export function next(state: SagaState, event: SagaEvent, at: string): Transition {
  switch (event.type) {
    case 'cancel-requested':
      return isForward(state) || state.status === 'CONFIRMED'
        ? undoAll(state, event.reason ?? 'Cancelled.', at)
        : unchanged(state)
    case 'deadline-passed':
      return isForward(state)
        ? undoAll(state, event.reason ?? 'Not completed in time.', at)
        : unchanged(state)
    case 'sweep':
      return isMoving(state) ? { state: countAttempt(state), send: driving(state) } : unchanged(state)
    case 'refund-requested':
      return requestRefund(state, event, at)
    case 'ship-requested':
      return ship(state, event.trackingNumber)
    case 'delivery-reported':
      return deliver(state)
    case 'return-received':
      return receive(state, event, at)
    case 'told':
      return told(state, event.milestones)
    default:
      return participantSaid(state, event, at)
  }
}

/** True when the step that runs has taken longer than the tale allows. */
export function isOverdue(state: SagaState, at: Date): boolean {
  if (!isForward(state)) return false
  return placeOrder.some(({ withinMs }, index) => {
    const step = state.steps[index]
    return (
      step?.status === 'RUNNING' && step.startedAt !== null && Date.parse(step.startedAt) + withinMs <= +at
    )
  })
}

/** What drives a stuck order on. */
function driving(state: SagaState): Outgoing[] {
  const forward: Outgoing[] = isForward(state) ? [{ type: 'order-placed' }] : []
  const undoing = state.status === 'CANCELLING' ? sayUndoing(state) : []
  return [...forward, ...undoing, ...sayRefunds(state), ...state.untold]
}

type Said = Extract<SagaEvent, { refundId?: string; reason?: string }>

function participantSaid(state: SagaState, event: Said, at: string): Transition {
  const { type, reason, refundId } = event
  if (type === 'payment-initiated') return awaitPayment(state, at)
  if (type === 'payment-refund-failed')
    return refundId === undefined
      ? undoFailed(state, paymentStep, reason ?? 'Not refunded.')
      : refundFailed(state, refundId, reason ?? 'Not refunded.')
  if (type === 'payment-refunded' && refundId !== undefined) return refundDone(state, refundId)
  const done = placeOrder.findIndex((plan) => plan.done === type)
  if (done >= 0) return stepDone(state, done, at)
  const failed = placeOrder.findIndex((plan) => plan.failed === type)
  if (failed >= 0) return stepFailed(state, failed, reason ?? 'Refused.', at)
  const undone = placeOrder.findIndex((plan) => plan.undone.some((one) => one === type))
  return undone >= 0 ? stepUndone(state, undone, reason, at) : unchanged(state)
}

const paymentStep = placeOrder.findIndex(({ step }) => step === 'INITIATE_PAYMENT')

function stepDone(state: SagaState, index: number, at: string): Transition {
  const isLast = index === placeOrder.length - 1
  const confirmed: Outgoing[] = isLast ? [{ type: 'order-confirmed' }] : []
  // Handled before, but the process can have died between commit and publish; the broker then delivers it again.
  if (!isForward(state)) return { state, send: isSold(state) ? confirmed : [] }
  if (state.steps[index]?.status === 'DONE') return unchanged(state)
  // An answer can overtake the one before it, on another topic: what led to it must then be done as well.
  const steps = state.steps.map((step, i) =>
    i <= index ? finish(step, 'DONE', at) : i === index + 1 ? start(step, at) : step,
  )
  const status = placeOrder[index]?.reaches ?? state.status
  return { state: { ...state, status, steps }, send: confirmed }
}

function stepFailed(state: SagaState, index: number, error: string, at: string): Transition {
  if (!isForward(state))
    return { state, send: index === 0 && state.status === 'CANCELLED' ? sayUndoing(state) : [] }
  if (state.steps[index]?.status === 'DONE') return unchanged(state)
  const steps = state.steps.map((step, i): Step => {
    if (i < index) return finish(step, 'DONE', at)
    return i === index ? { ...finish(step, 'FAILED', at), error } : { ...step, status: 'SKIPPED' }
  })
  return undoFrom({ ...state, steps }, index - 1, error, at)
}

function awaitPayment(state: SagaState, at: string): Transition {
  if (!isForward(state) || state.status === 'AWAITING_PAYMENT' || state.status === 'PAID')
    return unchanged(state)
  const steps = state.steps.map((step, i) =>
    i === 0 ? finish(step, 'DONE', at) : i === paymentStep ? start(step, at) : step,
  )
  return { state: { ...state, status: 'AWAITING_PAYMENT', steps }, send: [] }
}

function finish(step: Step, status: 'DONE' | 'FAILED', at: string): Step {
  if (step.status === 'DONE') return step
  const startedAt = step.startedAt ?? at
  return { ...step, status, startedAt, finishedAt: at, attempts: Math.max(step.attempts, 1) }
}
