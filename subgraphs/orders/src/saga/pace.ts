/**
 * How long a step takes at the moment, in milliseconds: the longest seen, halved every five seconds. Under a backlog an
 * order that has not moved is mostly not stuck but waits in a queue, and asking for it again would lengthen the queue.
 */
export interface Pace {
  saw(durationMs: number, at: Date): void
  now(at: Date): number
}

const halfLifeMs = 5_000
/** However slow it was, what is really stuck must not wait longer than this. */
const longestMs = 30_000

export function createPace(): Pace {
  let longest = 0
  let seenAt = 0
  const now = (at: Date) => longest * 0.5 ** (Math.max(at.getTime() - seenAt, 0) / halfLifeMs)
  return {
    now,
    saw(durationMs, at) {
      longest = Math.min(Math.max(durationMs, now(at)), longestMs)
      seenAt = at.getTime()
    },
  }
}
