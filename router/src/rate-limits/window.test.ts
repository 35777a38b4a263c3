import { describe, expect, it } from 'vitest'
import { decideGrant } from './window.ts'

const want = (need: number, wanted = need) => ({ key: 'k', need, want: wanted, limit: 100, window: 1_000 })
const usage = (current: number, previous: number, elapsed: number) => ({ current, previous, elapsed })

describe('a sliding window', () => {
  it('grants what is wanted, or as much of it as is free', () => {
    expect(decideGrant(usage(0, 0, 0), want(1, 20))).toEqual({ granted: 20, retryAfter: 0 })
    expect(decideGrant(usage(90, 0, 0), want(1, 20))).toEqual({ granted: 10, retryAfter: 0 })
  })

  it('counts of the window before what still reaches into it', () => {
    expect(decideGrant(usage(0, 100, 250), want(1, 100)).granted).toBe(25)
    expect(decideGrant(usage(20, 100, 250), want(6)).granted).toBe(0)
    expect(decideGrant(usage(20, 100, 250), want(5)).granted).toBe(5)
  })

  it.each([
    ['in this window', usage(0, 100, 0), 10],
    ['in this window, later', usage(30, 100, 250), 50],
    ['in the next', usage(100, 0, 400), 30],
    ['in the next, at its begin', usage(70, 0, 400), 30],
    ['in the next, with some before', usage(95, 60, 999), 100],
  ])('says exactly when as much is free again: %s', (_when, used, need) => {
    const isFreeAfter = (wait: number) => {
      const at = used.elapsed + wait
      const isNext = at >= 1_000
      const then = isNext ? usage(0, used.current, at - 1_000) : usage(used.current, used.previous, at)
      return decideGrant(then, want(need)).granted > 0
    }
    const { granted, retryAfter } = decideGrant(used, want(need))
    if (granted > 0) return expect(retryAfter).toBe(0)
    expect([isFreeAfter(retryAfter), isFreeAfter(retryAfter - 2)]).toEqual([true, false])
  })

  it('never grants more than the limit at once', () => {
    expect(decideGrant(usage(0, 0, 0), want(101))).toEqual({ granted: 0, retryAfter: 1_000 })
  })

  it('keeps its word whatever is asked: never more than the limit in a window, and granted when it said', () => {
    const random = seeded(1)
    let [now, index, used] = [0, 0, usage(0, 0, 0)]
    let refusals = 0
    const goTo = (time: number) => {
      const next = Math.floor(time / 1_000)
      const { current, previous } = used
      const [inThis, before] =
        next === index ? [current, previous] : next === index + 1 ? [0, current] : [0, 0]
      ;[now, index, used] = [time, next, usage(inThis, before, time - next * 1_000)]
    }
    for (let i = 0; i < 20_000; i += 1) {
      goTo(now + Math.floor(random() * 60))
      const need = 1 + Math.floor(random() * 30)
      const asked = want(need, need + Math.floor(random() * 10))
      const { granted, retryAfter } = decideGrant(used, asked)
      if (granted > 0) {
        expect(granted).toBeGreaterThanOrEqual(need)
        expect(granted).toBeLessThanOrEqual(asked.want)
      } else if (random() < 0.1) {
        refusals += 1
        goTo(now + retryAfter)
        expect(decideGrant(used, asked).granted).toBeGreaterThan(0)
      }
      used = { ...used, current: used.current + granted }
      expect(used.current).toBeLessThanOrEqual(100)
    }
    expect(refusals).toBeGreaterThan(100)
  })
})

/** The same numbers each time (mulberry32). */
function seeded(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
