/**
 * Snowflake ids: 41 bits of milliseconds since 2024-01-01, 10 bits of worker, 12 bits of sequence.
 * They sort by time and need no coordination beyond the worker id.
 */
export const snowflakeEpoch = Date.UTC(2024, 0, 1)

/** Largest worker id. */
export const maxWorkerId = 1_023
const maxSequence = 4_095

/**
 * Issues ids for one worker. A clock that stands still or runs back does not matter: ids go on from the last
 * millisecond used, and borrow the next one when its 4,096 are spent.
 */
export function createSnowflake(workerId: number, now: () => number = Date.now): () => bigint {
  if (!Number.isInteger(workerId) || workerId < 0 || workerId > maxWorkerId)
    throw new RangeError(`A worker id is 0 to ${maxWorkerId}, not ${workerId}`)
  let last = 0
  let sequence = 0
  return () => {
    const time = Math.max(now() - snowflakeEpoch, last)
    if (time > last) {
      last = time
      sequence = 0
    } else if (sequence === maxSequence) {
      last += 1
      sequence = 0
    } else {
      sequence += 1
    }
    return (BigInt(last) << 22n) | (BigInt(workerId) << 12n) | BigInt(sequence)
  }
}
