import { describe, expect, it } from 'vitest'
import { createSnowflake, snowflakeEpoch } from './snowflake.ts'

/** A clock that shows the given times, then stays at the last. */
const clock = (...times: number[]) => {
  let index = 0
  return () => snowflakeEpoch + (times[Math.min(index++, times.length - 1)] ?? 0)
}
const take = (count: number, next: () => bigint) => Array.from({ length: count }, next)

describe('snowflake ids', () => {
  it('grow and never repeat while the clock stands still', () => {
    const ids = take(10_000, createSnowflake(1, clock(5)))
    expect(new Set(ids).size).toBe(10_000)
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)))
  })

  it('go on when the clock runs back', () => {
    const [before, after] = take(2, createSnowflake(1, clock(1_000, 10)))
    expect(after).toBeGreaterThan(before ?? 0n)
  })

  it('differ between workers in the same millisecond', () => {
    expect(createSnowflake(1, clock(5))()).not.toBe(createSnowflake(2, clock(5))())
  })

  it('refuse a worker id that does not fit', () => {
    expect(() => createSnowflake(1_024)).toThrow(RangeError)
  })
})
