import { describe, expect, it } from 'vitest'
import { createPace } from './pace.ts'

const at = (ms: number) => new Date(1_000_000 + ms)

describe('the pace of steps', () => {
  it('is the longest seen, and forgets it by halves', () => {
    const pace = createPace()
    expect(pace.now(at(0))).toBe(0)
    pace.saw(4_000, at(0))
    pace.saw(100, at(0))
    expect(pace.now(at(0))).toBe(4_000)
    expect(pace.now(at(5_000))).toBe(2_000)
    expect(pace.now(at(60_000))).toBeLessThan(2)
  })

  it('never says that more than half a minute is usual', () => {
    const pace = createPace()
    pace.saw(600_000, at(0))
    expect(pace.now(at(0))).toBe(30_000)
  })
})
