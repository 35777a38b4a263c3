/**
 * Snowflake ids: 41 bits of milliseconds since 2024-01-01, 10 bits of worker, 12 bits of sequence.
 * They sort by time and need no coordination beyond the worker id.
 */
export const snowflakeEpoch = Date.UTC(2024, 0, 1)

/** Largest worker id. */
export const maxWorkerId = 1_023
const maxSequence = 4_095

/** How far the clock may run back before another worker id is better than ids that run ahead of time, in milliseconds. */
export const maxRollbackMs = 10_000

/** The times that belong to one holder of a worker id, in epoch milliseconds: `from` up to, but not, `until`. */
export interface IdRange {
  workerId: number
  from: number
  until: number
}

/** Issues ids inside a range; ranges of one worker id never overlap, so neither do the ids, whatever clocks say. */
export interface Snowflake {
  /** The next id; null when the range is spent, or the clock has run back further than `maxRollbackMs`. */
  next(): bigint | null
  /** More time was granted. */
  extend(until: number): void
  /** The first time that no id was issued for. */
  unusedFrom(): number
}

/**
 * A clock that stands still or runs back a little does not matter: ids go on from the last millisecond used, and
 * borrow the next one when its 4,096 are spent.
 */
export function createSnowflake(range: IdRange, now: () => number = Date.now): Snowflake {
  const { workerId, from } = range
  if (!Number.isInteger(workerId) || workerId < 0 || workerId > maxWorkerId)
    throw new RangeError(`A worker id is 0 to ${maxWorkerId}, not ${workerId}`)
  let until = range.until
  let last = from - 1
  let sequence = maxSequence
  return {
    next() {
      const time = now()
      if (last - time > maxRollbackMs) return null
      const isNewTime = time > last
      const mustBorrow = !isNewTime && sequence === maxSequence
      const at = isNewTime ? time : mustBorrow ? last + 1 : last
      if (at >= until) return null
      sequence = isNewTime || mustBorrow ? 0 : sequence + 1
      last = at
      return (BigInt(at - snowflakeEpoch) << 22n) | (BigInt(workerId) << 12n) | BigInt(sequence)
    },
    extend(granted) {
      until = Math.max(until, granted)
    },
    unusedFrom: () => last + 1,
  }
}
