import { describe, expect, it } from 'vitest'
import { setTimeout as sleep } from 'node:timers/promises'
import { at, median, openLoop } from './open.ts'

describe('an open loop', () => {
  it('begins calls though earlier ones have not ended', async () => {
    let running = 0
    let most = 0
    const latencies = await openLoop({ perSecond: 100, durationMs: 100 }, async () => {
      most = Math.max(most, (running += 1))
      await sleep(200)
      running -= 1
    })
    expect(latencies).toHaveLength(10)
    expect(most).toBe(10)
  })

  it('counts the time by which a call began too late', async () => {
    let isFirst = true
    const latencies = await openLoop({ perSecond: 100, durationMs: 50 }, async () => {
      // Holds up the whole loop, as a load generator does that has too little CPU.
      const end = performance.now() + (isFirst ? 100 : 0)
      isFirst = false
      while (performance.now() < end);
    })
    expect(latencies[0]).toBeGreaterThan(50)
  })
})

describe('a share of sorted values', () => {
  it('is the value below which that share lies', () => {
    expect(at([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95)).toBe(10)
    expect(median([3, 1, 2])).toBe(2)
  })

  it('is not a number when there is none', () => {
    expect(at([], 0.5)).toBeNaN()
  })
})
