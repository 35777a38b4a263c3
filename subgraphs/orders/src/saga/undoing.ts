import { placeOrder } from './place-order.ts'
import {
  isForward,
  openRefunds,
  unchanged,
  type Outgoing,
  type SagaState,
  type Step,
  type Transition,
} from './state.ts'

/** Undoes everything, from the last step to the first: choreography may have run ahead of what is known here. */
export const undoAll = (state: SagaState, reason: string, at: string) =>
  undoFrom(state, placeOrder.length - 1, reason, at)

/** Starts undoing from a step down to the first. A participant that is asked first refuses what comes later. */
export function undoFrom(state: SagaState, from: number, reason: string, at: string): Transition {
  return proceed({ ...state, status: 'CANCELLING', cancelReason: reason }, from, at)
}

/** A participant says that a step is undone. */
export function stepUndone(
  state: SagaState,
  index: number,
  reason: string | undefined,
  at: string,
): Transition {
  // Products gave the units back by itself, because the reservation's time was up.
  if (index === 0 && (isForward(state) || state.status === 'CONFIRMED'))
    return undoAll(state, reason ?? 'Reservation expired.', at)
  if (state.status === 'CANCELLING' && state.undoing === index) {
    const steps = state.steps.map((step, i) => (i === index ? undone(step, at) : step))
    const refunds = isPayment(index)
      ? state.refunds.map((refund) => ({ ...refund, status: 'DONE' as const }))
      : state.refunds
    return proceed({ ...state, steps, refunds }, index - 1, at)
  }
  const wasTheCause = hasEnded(state) ? index === 0 : state.undoing === index - 1
  return wasTheCause ? { state, send: sayUndoing(state) } : unchanged(state)
}

/** A participant says that it could not undo a step this time. */
export function undoFailed(state: SagaState, index: number, error: string): Transition {
  if (state.status !== 'CANCELLING' || state.undoing !== index) return unchanged(state)
  // Said before: nothing new, so that a year of refusals is one line of history.
  if (state.steps[index]?.undo?.error === error) return unchanged(state)
  const steps = state.steps.map((step, i) =>
    i === index && step.undo ? { ...step, undo: { ...step.undo, error } } : step,
  )
  return { state: { ...state, steps }, send: [] }
}

/** What must have been sent for an order that is being undone, or has been. */
export function sayUndoing(state: SagaState): Outgoing[] {
  if (state.status === 'CANCELLED') return [{ type: 'order-cancelled' }]
  if (state.status === 'REFUNDED') {
    const refund = state.refunds.at(-1)
    return refund ? [{ type: 'order-refunded', refund, isFull: true }] : []
  }
  return state.status === 'CANCELLING' && state.undoing !== null ? [undoOf(state, state.undoing)] : []
}

const hasEnded = ({ status, steps }: SagaState) =>
  status === 'CANCELLED' || (status === 'REFUNDED' && steps[0]?.status === 'COMPENSATED')

function proceed(state: SagaState, index: number, at: string): Transition {
  if (index < 0) {
    const ended: SagaState = { ...state, status: state.endsAs, undoing: null }
    return { state: ended, send: sayUndoing(ended) }
  }
  const undo = { startedAt: at, finishedAt: null, attempts: 1, error: null }
  const steps = state.steps.map((step, i) => (i === index ? { ...step, undo } : step))
  const moved: SagaState = { ...state, steps, undoing: index }
  return { state: moved, send: sayUndoing(moved) }
}

function undoOf(state: SagaState, index: number): Outgoing {
  const plan = placeOrder[index]
  if (!plan) throw new Error(`The saga has no step ${index}`)
  const isUnpaid = isPayment(index) && state.steps[index]?.status !== 'DONE'
  return { type: isUnpaid ? 'payment-close' : plan.undo }
}

const isPayment = (index: number) => placeOrder[index]?.undo === 'payment-refund'

function undone(step: Step, at: string): Step {
  const undo = step.undo && { ...step.undo, finishedAt: at, error: null }
  if (step.status === 'PENDING') return { ...step, status: 'SKIPPED', undo }
  if (step.status === 'FAILED' || step.status === 'SKIPPED') return { ...step, undo }
  return { ...step, status: 'COMPENSATED', finishedAt: at, undo }
}

/** Counts that the open undo and the open refunds were asked for once more. */
export function countAttempt(state: SagaState): SagaState {
  const open = new Set(openRefunds(state))
  return {
    ...state,
    refunds: state.refunds.map((refund) =>
      open.has(refund) ? { ...refund, attempts: refund.attempts + 1 } : refund,
    ),
    steps: state.steps.map((step, i) => {
      if (step.status === 'RUNNING' && isForward(state)) return { ...step, attempts: step.attempts + 1 }
      if (state.status !== 'CANCELLING' || state.undoing !== i || !step.undo) return step
      return { ...step, undo: { ...step.undo, attempts: step.undo.attempts + 1 } }
    }),
  }
}
