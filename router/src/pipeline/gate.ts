import { z } from 'zod'
import type { Counts } from '../metrics/counts.ts'

/** How many operations may run at once, how many may wait for that, and for how many milliseconds. */
export const concurrencySchema = z.strictObject({
  running: z.number().int().positive().default(1_000),
  waiting: z.number().int().nonnegative().default(1_000),
  waitFor: z.number().int().positive().default(1_000),
})

/** Lets only so many in. */
export interface Gate {
  /** True: in, to `leave` later. False: too many are waiting already, or it took too long. */
  enter(): boolean | Promise<boolean>
  leave(): void
  /** Whether whoever comes now is turned away. */
  isFull(): boolean
  /** How many are in, and how many wait. */
  present(): { readonly running: number; readonly waiting: number }
}

/** What waits longest is let in first. */
export function createGate(
  { running, waiting, waitFor }: z.infer<typeof concurrencySchema>,
  counts: Pick<Counts, 'shed'>,
): Gate {
  const queue = new Set<(isIn: boolean) => void>()
  let inside = 0

  const isFull = () => inside >= running && queue.size >= waiting
  return {
    isFull,
    present: () => ({ running: inside, waiting: queue.size }),
    enter() {
      if (inside < running) {
        inside += 1
        return true
      }
      if (isFull()) {
        counts.shed += 1
        return false
      }
      return new Promise((resolve) => {
        const settle = (isIn: boolean) => {
          clearTimeout(impatience)
          queue.delete(settle)
          if (!isIn) counts.shed += 1
          resolve(isIn)
        }
        const impatience = setTimeout(() => settle(false), waitFor)
        queue.add(settle)
      })
    },
    leave() {
      const [next] = queue
      // Whoever is next takes the place that is left.
      if (next) next(true)
      else inside -= 1
    },
  }
}
