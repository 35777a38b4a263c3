import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGate } from './gate.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function create(running: number, waiting: number) {
  const counts = { shed: 0 }
  const gate = createGate({ running, waiting, waitFor: 100 }, counts)
  return { ...gate, shed: () => counts.shed }
}

describe('a gate', () => {
  it('lets so many in at once, lets so many wait, and turns the rest away', async () => {
    const gate = create(2, 1)
    expect([gate.enter(), gate.enter()]).toEqual([true, true])
    expect(gate.isFull()).toBe(false)
    const waits = gate.enter()
    expect(waits).toBeInstanceOf(Promise)
    expect(gate.isFull()).toBe(true)
    expect(gate.enter()).toBe(false)
    expect(gate.shed()).toBe(1)
    gate.leave()
    expect(await waits).toBe(true)
    expect(gate.isFull()).toBe(false)
  })

  it('gives a place that is left to who waits longest, and to nobody beside', async () => {
    const gate = create(1, 3)
    expect(gate.enter()).toBe(true)
    const order: number[] = []
    const waits = [1, 2, 3].map(async (i) => {
      expect(await gate.enter()).toBe(true)
      order.push(i)
    })
    gate.leave()
    // The place is given on already.
    expect(gate.enter()).toBeInstanceOf(Promise)
    gate.leave()
    gate.leave()
    await Promise.all(waits)
    expect(order).toEqual([1, 2, 3])
    gate.leave()
    await vi.advanceTimersByTimeAsync(100)
    expect([gate.shed(), gate.isFull()]).toEqual([0, false])
  })

  it('lets nobody wait for longer than it may', async () => {
    const gate = create(1, 2)
    expect(gate.enter()).toBe(true)
    const waits = gate.enter()
    await vi.advanceTimersByTimeAsync(60)
    const later = gate.enter()
    await vi.advanceTimersByTimeAsync(40)
    expect(await waits).toBe(false)
    expect(gate.shed()).toBe(1)
    // Whoever gave up takes no place.
    gate.leave()
    expect(await later).toBe(true)
    expect(gate.enter()).toBeInstanceOf(Promise)
  })

  it('is as wide as before when all have left', async () => {
    const gate = create(3, 5)
    const entered = Array.from({ length: 20 }, () => gate.enter())
    for (let i = 0; i < 5; i += 1) gate.leave()
    const isIn = await Promise.all(entered.map((one) => Promise.resolve(one)))
    expect(isIn.filter(Boolean)).toHaveLength(8)
    for (let i = 0; i < 3; i += 1) gate.leave()
    expect([gate.enter(), gate.enter(), gate.enter()]).toEqual([true, true, true])
    expect(gate.enter()).toBeInstanceOf(Promise)
    expect(gate.shed()).toBe(12)
  })

  it('turns away at once where nobody may wait', () => {
    const gate = create(1, 0)
    expect([gate.enter(), gate.isFull(), gate.enter(), gate.shed()]).toEqual([true, true, false, 1])
    gate.leave()
    expect(gate.enter()).toBe(true)
  })
})
