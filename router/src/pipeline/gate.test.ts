import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createGate } from './gate.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const create = () => createGate({ running: 2, waiting: 2, waitFor: 100 })

it('lets so many in at once, at once', () => {
  const gate = create()
  expect([gate.enter(), gate.enter()]).toEqual([true, true])
  expect(gate.enter()).toBeInstanceOf(Promise)
})

it('lets in who waits longest when one leaves, and never more than may run', async () => {
  const gate = create()
  void gate.enter()
  void gate.enter()
  const seen: string[] = []
  void Promise.resolve(gate.enter()).then((isIn) => seen.push(`first ${isIn}`))
  void Promise.resolve(gate.enter()).then((isIn) => seen.push(`second ${isIn}`))
  gate.leave()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toEqual(['first true'])
  gate.leave()
  await vi.advanceTimersByTimeAsync(0)
  expect(seen).toEqual(['first true', 'second true'])
  expect(gate.enter()).toBeInstanceOf(Promise)
})

it('turns away at once when enough are waiting', async () => {
  const gate = create()
  for (let i = 0; i < 4; i += 1) void gate.enter()
  expect([gate.isFull(), gate.enter(), gate.shed()]).toEqual([true, false, 1])
  gate.leave()
  expect(gate.isFull()).toBe(false)
  await vi.advanceTimersByTimeAsync(100)
})

it('turns away who has waited too long, and holds no place for it', async () => {
  const gate = create()
  void gate.enter()
  void gate.enter()
  const waiting = gate.enter()
  await vi.advanceTimersByTimeAsync(100)
  expect([await waiting, gate.shed()]).toEqual([false, 1])
  gate.leave()
  gate.leave()
  expect([gate.enter(), gate.enter()]).toEqual([true, true])
  expect(vi.getTimerCount()).toBe(0)
})
