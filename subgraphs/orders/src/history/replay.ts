import { isDeepStrictEqual } from 'node:util'
import { next } from '../saga/machine.ts'
import { begin, type SagaState } from '../saga/state.ts'
import { eventOf, UnreadableHistory, type StoredEvent } from './stored-event.ts'

/**
 * What an order has become by its history, which is all of it, in order. What it bought stands in its row, not in its
 * first event. Throws UnreadableHistory when that is not what today's saga could have written.
 */
export function replay(
  content: Pick<SagaState, 'total' | 'lines'>,
  history: readonly StoredEvent[],
): SagaState {
  const [placed, ...events] = history
  if (placed?.version !== 1 || placed.type !== 'order-placed')
    throw new UnreadableHistory('It does not begin with order-placed')
  return events.reduce(
    (state, stored) => {
      const { state: after } = next(state, eventOf(stored), stored.at)
      // Only what changes an order is kept.
      if (after === state) throw new UnreadableHistory(`Its version ${stored.version} changes nothing`)
      return after
    },
    begin(placed.at, content),
  )
}

/**
 * The replayed state with what is not history but memory of delivering it, taken from the order's row: how often
 * something was asked for, and which milestones the broker has acknowledged. What the row lost of that begins anew:
 * attempts with 1, and all milestones are told again.
 */
export function withDeliveryOf(row: Partial<SagaState>, replayed: SagaState): SagaState {
  const steps = listOf(row.steps)
  const refunds = new Map(listOf(row.refunds).map((refund) => [refund.id, refund]))
  return {
    ...replayed,
    steps: replayed.steps.map((step, index) => ({
      ...step,
      attempts: most(step.attempts, steps[index]?.attempts),
      undo: step.undo && { ...step.undo, attempts: most(step.undo.attempts, steps[index]?.undo?.attempts) },
    })),
    refunds: replayed.refunds.map((refund) => ({
      ...refund,
      attempts: most(refund.attempts, refunds.get(refund.id)?.attempts),
    })),
    untold: Array.isArray(row.untold)
      ? replayed.untold.filter((milestone) =>
          row.untold?.some((known) => isDeepStrictEqual({ ...known }, { ...milestone })),
        )
      : replayed.untold,
  }
}

function listOf<T>(list: readonly T[] | undefined): readonly T[] {
  return list instanceof Array ? list : []
}

const most = (one: number, other: number | undefined) => Math.max(one, Number(other) || 0)
