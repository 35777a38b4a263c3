import { createLogger } from '@mall/service/logger'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { rateLimitsSchema } from './config.ts'
import { createRateLimiter, networkOf } from './limiter.ts'
import { createMemoryStore, type Store } from './store.ts'

const limits = rateLimitsSchema.parse({
  window: 10_000,
  queries: { address: 1_000, user: 400 },
  mutations: { address: 100, user: 40 },
})
const logged: string[] = []
const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
const create = (store: Store | null = null) => createRateLimiter({ limits, store, logger })
const ann = { viewer: { id: 'ann' }, address: '192.0.2.1' }

beforeEach(() => {
  logged.length = 0
  vi.useFakeTimers({ now: 1_000_000_000_000 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a limiter', () => {
  it('limits a user, and others at the same address only by the address', async () => {
    const limiter = create()
    for (let i = 0; i < 4; i += 1) expect(await limiter.take(ann, 'queries', 100)).toBeUndefined()
    expect(await limiter.take(ann, 'queries', 100)).toBeGreaterThan(0)
    const bob = { ...ann, viewer: { id: 'bob' } }
    for (let i = 0; i < 4; i += 1) expect(await limiter.take(bob, 'queries', 100)).toBeUndefined()
    const nobody = { ...ann, viewer: null }
    expect(await limiter.take(nobody, 'queries', 100)).toBeUndefined()
    expect(await limiter.take(nobody, 'queries', 100)).toBeGreaterThan(0)
    expect(await limiter.take({ viewer: null, address: '192.0.2.2' }, 'queries', 100)).toBeUndefined()
  })

  it('counts mutations by themselves', async () => {
    const limiter = create()
    expect(await limiter.take(ann, 'queries', 400)).toBeUndefined()
    expect(await limiter.take(ann, 'mutations', 40)).toBeUndefined()
    expect(await limiter.take(ann, 'mutations', 1)).toBeGreaterThan(0)
  })

  it('refuses at once, whatever it costs, until the time that it said', async () => {
    const limiter = create()
    await limiter.take(ann, 'queries', 400)
    const wait = (await limiter.take(ann, 'queries', 50)) ?? 0
    expect(wait).toBeGreaterThan(0)
    vi.advanceTimersByTime(wait - 1)
    expect(limiter.take(ann, 'queries', 1)).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await limiter.take(ann, 'queries', 50)).toBeUndefined()
  })

  it('says by cost 0 whether anything is left, and counts nothing', async () => {
    const limiter = create()
    const stranger = { ...ann, viewer: null }
    for (let i = 0; i < 2_000; i += 1) expect(limiter.take(stranger, 'queries', 0)).toBeUndefined()
    expect(await limiter.take(stranger, 'queries', 1_000)).toBeUndefined()
    await limiter.take(stranger, 'queries', 1)
    expect(limiter.take(stranger, 'queries', 0)).toBeGreaterThan(0)
  })

  it('asks the store less and less often, for no more than a twentieth of the limit beforehand', async () => {
    const memory = createMemoryStore()
    const asked: number[] = []
    const limiter = create({
      take(want) {
        asked.push(want.want)
        return memory.take(want)
      },
    })
    for (let i = 0; i < 400; i += 1) await limiter.take({ ...ann, viewer: null }, 'queries', 1)
    expect(asked.length).toBeLessThan(20)
    expect(Math.max(...asked)).toBe(50)
    expect(asked.slice(0, 5)).toEqual([1, 1, 2, 4, 8])
  })

  it('takes nothing over into the next window of what it took beforehand', async () => {
    const store = createMemoryStore()
    const routers = [create(store), create(store)]
    const nobody = { ...ann, viewer: null }
    const takeAll = async () => {
      let taken = 0
      for (let failed = 0; failed < 2;)
        for (const router of routers) {
          const isIn = (await router.take(nobody, 'queries', 1)) === undefined
          taken += isIn ? 1 : 0
          failed = isIn ? 0 : failed + 1
        }
      return taken
    }
    // Each has units left when the window ends.
    vi.advanceTimersByTime(limits.window - 1)
    for (let i = 0; i < 200; i += 1) await routers[i % 2]?.take(nobody, 'queries', 1)
    let inWindow = 0
    for (let at = 0; at < limits.window; at += 100) {
      vi.advanceTimersByTime(at === 0 ? 1 : 100)
      inWindow += await takeAll()
    }
    expect(inWindow).toBeLessThanOrEqual(1_000)
    expect(inWindow).toBeGreaterThan(900)
  })

  it('does not keep out what is cheap after what may never be asked', async () => {
    const limiter = create()
    expect(await limiter.take(ann, 'queries', 401)).toBe(limits.window)
    expect(await limiter.take(ann, 'queries', 1)).toBeUndefined()
  })

  it('asks nobody while it has units', async () => {
    const limiter = create(createMemoryStore())
    const nobody = { ...ann, viewer: null }
    for (let i = 0; i < 100; i += 1) await limiter.take(nobody, 'queries', 1)
    const answers = Array.from({ length: 10 }, () => limiter.take(nobody, 'queries', 1))
    expect(answers).toEqual(Array.from({ length: 10 }, () => undefined))
  })

  it('goes on by itself while the store fails, says so once, and comes back', async () => {
    const memory = createMemoryStore()
    let isDown = true
    let asked = 0
    const limiter = create({
      take(want) {
        asked += 1
        return isDown ? Promise.reject(new Error('gone')) : memory.take(want)
      },
    })
    const nobody = { ...ann, viewer: null }
    expect(await limiter.take(nobody, 'queries', 400)).toBeUndefined()
    expect(await limiter.take(nobody, 'queries', 600)).toBeUndefined()
    expect(await limiter.take(nobody, 'queries', 1)).toBeGreaterThan(0)
    expect([asked, logged.length]).toEqual([1, 1])
    vi.advanceTimersByTime(1_001)
    expect(await limiter.take({ viewer: null, address: '192.0.2.3' }, 'queries', 1)).toBeUndefined()
    expect([asked, logged.length]).toEqual([2, 1])
    isDown = false
    vi.advanceTimersByTime(1_001)
    await limiter.take({ viewer: null, address: '192.0.2.4' }, 'queries', 1)
    expect([asked, logged.length]).toEqual([3, 1])
  })
})

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
])('clients are told apart by their network: %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
