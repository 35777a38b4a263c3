import { eventSchemas, type EventType } from '@mall/contracts'
import { z } from 'zod'
import type { SagaEvent } from '../saga/state.ts'

/** An event as it stands in the history. `at` is RFC 3339, `version` the order's after it. */
export interface StoredEvent {
  version: number
  type: string
  at: string
  /** What the event says beyond its type; null when nothing. */
  data: unknown
  schemaVersion: number
}

/**
 * The form in which `data` is written. When an event comes to mean something else, this grows and `eventOf` goes on
 * reading the old form: what is stored is never rewritten. Version 0 has no data, only a sentence.
 */
export const schemaVersion = 1

/** Thrown when today's code cannot say what a stored history means. */
export class UnreadableHistory extends Error {
  override readonly name = 'UnreadableHistory'
}

/** What is stored of an event besides its type; undefined when that is all it says. */
export function dataOf(event: SagaEvent): object | undefined {
  const { type: _, ...data } = event
  return Object.values(data).some((value) => value !== undefined) ? data : undefined
}

/** The event that was stored. */
export function eventOf({ type, data, schemaVersion: written }: StoredEvent): SagaEvent {
  if (written !== schemaVersion)
    throw new UnreadableHistory(`${type} was stored in form ${written}, which cannot be replayed`)
  const parsed = forms.safeParse({ ...(data as object | null), type })
  if (!parsed.success) throw new UnreadableHistory(`${type} cannot be read`, { cause: parsed.error })
  return parsed.data
}

const lines = z.array(z.object({ skuId: z.string(), quantity: z.number() }))

const forms: z.ZodType<SagaEvent> = z.union([
  z.object({
    type: z.literal('refund-requested'),
    refundId: z.string(),
    amount: z.number(),
    reason: z.string(),
  }),
  z.object({ type: z.literal('ship-requested'), trackingNumber: z.string() }),
  z.object({ type: z.literal('delivery-reported') }),
  z.object({ type: z.literal('return-received'), returnId: z.string(), warehouseId: z.string(), lines }),
  z.looseObject({
    type: z.custom<EventType | 'cancel-requested' | 'deadline-passed'>(isPlain),
    reason: z.string().optional(),
    refundId: z.string().optional(),
  }),
])

function isPlain(type: unknown): boolean {
  return (
    typeof type === 'string' &&
    (type in eventSchemas || ['cancel-requested', 'deadline-passed'].includes(type))
  )
}
