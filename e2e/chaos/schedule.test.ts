import { describe, expect, it } from 'vitest'
import { drawSchedule, type Targets } from './schedule.ts'

const targets: Targets = {
  orders: ['kill', 'halt', 'terminate'],
  redis: ['kill', 'power-loss'],
  postgres: ['kill', 'kill-backend'],
}

describe('a schedule of faults', () => {
  it('is the same for the same seed', () => {
    expect(drawSchedule(7, 60, targets, { perMinute: 24, company: ['orders'] })).toEqual(
      drawSchedule(7, 60, targets, { perMinute: 24, company: ['orders'] }),
    )
  })

  it('is another for another seed', () => {
    expect(drawSchedule(7, 60, targets, { perMinute: 24, company: ['orders'] })).not.toEqual(
      drawSchedule(8, 60, targets, { perMinute: 24, company: ['orders'] }),
    )
  })

  it('stays within its time, in order', () => {
    const times = drawSchedule(1, 20, targets, { perMinute: 60, company: ['orders'] }).map(({ atMs }) => atMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times.every((at) => at >= 0 && at < 20_000)).toBe(true)
  })

  it('has about as many faults as asked for', () => {
    const count = drawSchedule(3, 6_000, targets, { perMinute: 24, company: ['orders'] }).length
    expect(count).toBeGreaterThan(2_200)
    expect(count).toBeLessThan(2_600)
  })

  it('deals every fault once before it deals one again', () => {
    const dealt = drawSchedule(5, 600, targets, { perMinute: 24, company: [] }).map(
      ({ target, kind }) => `${target} ${kind}`,
    )
    expect(new Set(dealt.slice(0, 7)).size).toBe(7)
    expect(new Set(dealt.slice(7, 14)).size).toBe(7)
  })

  it('kills somebody soon after every other fault', () => {
    const alone = { postgres: ['halt'] } as const
    const faults = drawSchedule(2, 6_000, alone, { perMinute: 24, company: ['orders', 'products'] })
    const kills = faults.filter(({ kind }) => kind === 'kill').length
    expect(kills / (faults.length - kills)).toBeCloseTo(0.5, 1)
  })

  it('is empty when nobody may be hit', () => {
    expect(drawSchedule(1, 60, {}, { perMinute: 24, company: [] })).toEqual([])
  })
})
