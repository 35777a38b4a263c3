import { isDeepStrictEqual } from 'node:util'
import type { Correction, OrderWithHistory } from '../data/read-model.ts'
import { isMoving, needsAttention, type SagaState } from '../saga/state.ts'
import { replay, withDeliveryOf } from './replay.ts'

/** What is wrong in an order's row by its history, and what it should say. */
export interface Difference {
  fields: string[]
  correction: Correction
}

/** What of a saga's state follows from its history. */
export const derived = [
  'status',
  'steps',
  'undoing',
  'endsAs',
  'cancelReason',
  'refunds',
  'returns',
  'untold',
] as const satisfies readonly (keyof SagaState)[]

/** Compares an order's row with its history; null when they agree. Throws UnreadableHistory. */
export function compare({ order, history, checkAt, ...row }: OrderWithHistory): Difference | null {
  const state = withDeliveryOf(order, replay(order, history))
  const lastEvent = history.at(-1) ?? { version: 0, at: order.placedAt.toISOString() }
  const differs = {
    ...Object.fromEntries(derived.map((field) => [field, !isDeepStrictEqual(order[field], state[field])])),
    needsAttention: row.needsAttention !== needsAttention(state),
    updatedAt: order.updatedAt.toISOString() !== lastEvent.at,
    // Sweeps raise the version without leaving an event, so it may be ahead of the history but never behind.
    version: order.version < lastEvent.version,
    checkAt: (checkAt !== null) !== isMoving(state),
  }
  const fields = Object.entries(differs).flatMap(([field, isWrong]) => (isWrong ? [field] : []))
  return fields.length === 0
    ? null
    : { fields, correction: { id: order.id, expected: order.version, state, lastEvent } }
}
