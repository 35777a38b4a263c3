import { z } from 'zod'

/**
 * What the sandbox does instead of answering well, for the next `times` messages:
 * `throttle` refuses as the real one does when a number gets too many; `fail` answers 500 and sends nothing;
 * `delay` answers well after `delayMs`; `lose` sends and hangs up without an answer.
 */
export type Fault = z.infer<typeof fault>

export const fault = z.object({
  mode: z.enum(['throttle', 'fail', 'delay', 'lose']),
  times: z.number().int().min(1).default(1),
  delayMs: z.number().int().min(0).max(60_000).default(1_000),
  /** Only messages to this number; all when absent. */
  phone: z.string().optional(),
})

/** The faults to come, the oldest first. */
export type Faults = ReturnType<typeof createFaults>

export function createFaults() {
  const planned: Fault[] = []
  return {
    planned: (): readonly Fault[] => planned,
    plan: (one: Fault) => void planned.push({ ...one }),
    clear: () => void planned.splice(0),

    /** The fault that a message to this number meets, which is thereby used. */
    take(phone: string): Fault | null {
      const met = planned.find((one) => one.phone === undefined || one.phone === phone)
      if (!met) return null
      met.times -= 1
      if (met.times === 0) planned.splice(planned.indexOf(met), 1)
      return met
    },
  }
}
