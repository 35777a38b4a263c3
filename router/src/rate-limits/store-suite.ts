import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Store } from './store.ts'

/** What every store must do. Keys are new for each test. */
export function describeStore(create: () => Store): void {
  const newWant = (window: number, limit = 100) => {
    const key = `rate:test:${crypto.randomUUID()}`
    return (need: number, want = need) => ({ key, need, want, limit, window })
  }

  it('grants up to the limit, and not more', async () => {
    const store = create()
    const want = newWant(60_000)
    expect((await store.take(want(1, 60))).granted).toBe(60)
    expect((await store.take(want(1, 60))).granted).toBe(40)
    const refused = await store.take(want(1))
    expect(refused.granted).toBe(0)
    expect(refused.retryAfter).toBeGreaterThan(0)
  })

  it('grants no part of what is needed whole', async () => {
    const store = create()
    const want = newWant(60_000)
    await store.take(want(95))
    expect((await store.take(want(6))).granted).toBe(0)
    expect((await store.take(want(5))).granted).toBe(5)
  })

  it('never grants more when many ask at once', async () => {
    const store = create()
    const want = newWant(60_000)
    const grants = await Promise.all(Array.from({ length: 50 }, () => store.take(want(3, 7))))
    expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBeLessThanOrEqual(100)
    expect(grants.reduce((sum, { granted }) => sum + granted, 0)).toBeGreaterThan(97)
  })

  it('keeps keys apart', async () => {
    const store = create()
    await store.take(newWant(60_000)(100))
    expect((await store.take(newWant(60_000)(100))).granted).toBe(100)
  })

  it('is free again when it said', async () => {
    const store = create()
    const want = newWant(300)
    await store.take(want(100))
    const { retryAfter } = await store.take(want(50))
    expect(retryAfter).toBeLessThanOrEqual(600)
    await setTimeout(retryAfter + 5)
    expect((await store.take(want(50))).granted).toBe(50)
  })
}
