import { describe, expect, it, vi } from 'vitest'
import { createEndpoints } from './endpoints.ts'
import { createRetryBudget } from './retry-budget.ts'

const [a, b, c] = ['http://a/graphql', 'http://b/graphql', 'http://c/graphql'] as const
const now = Date.now()
const picked = (endpoints: ReturnType<typeof createEndpoints>, count: number) =>
  Array.from({ length: count }, () => endpoints.next(now, [])?.url)

function find(endpoints: ReturnType<typeof createEndpoints>, url: string) {
  const found = endpoints.instances.find((instance) => instance.url === url)
  if (!found) throw new Error(`${url} is not there`)
  return found
}

describe('instances', () => {
  it('are taken in turns, those that were tried left out', () => {
    const endpoints = createEndpoints([a, b])
    expect(picked(endpoints, 4)).toEqual([a, b, a, b])
    expect(endpoints.inTurn()).toEqual([a, b])
    expect(endpoints.inTurn()).toEqual([b, a])
    expect(endpoints.next(now, [find(endpoints, a)])?.url).toBe(b)
    expect(endpoints.next(now, endpoints.instances)).toBeUndefined()
  })

  it('that are down are left out, also for sockets, unless all are', () => {
    const endpoints = createEndpoints([a, b])
    endpoints.found(find(endpoints, a), 'down')
    endpoints.found(find(endpoints, b), 'ready')
    expect([picked(endpoints, 2), endpoints.inTurn()]).toEqual([[b, b], [b]])
    endpoints.found(find(endpoints, b), 'down')
    expect(new Set(picked(endpoints, 2))).toEqual(new Set([a, b]))
    endpoints.found(find(endpoints, a), 'ready')
    expect(picked(endpoints, 2)).toEqual([a, a])
  })

  it('that fail are left out while their breaker is open', () => {
    const endpoints = createEndpoints([a, b])
    find(endpoints, a).breaker.failed(now, true)
    expect(picked(endpoints, 3)).toEqual([b, b, b])
    find(endpoints, b).breaker.failed(now, true)
    expect(picked(endpoints, 1)).toEqual([undefined])
  })

  it('that are new wait until they were found ready, and those that stay keep what is known', () => {
    const endpoints = createEndpoints([a, b])
    for (const url of [a, b]) endpoints.found(find(endpoints, url), 'ready')
    const stays = find(endpoints, b)
    const onReplace = vi.fn()
    endpoints.onReplace(onReplace)
    endpoints.replace([b, c])
    expect(onReplace).toHaveBeenCalledOnce()
    expect(picked(endpoints, 2)).toEqual([b, b])
    expect(find(endpoints, b)).toBe(stays)
    endpoints.found(find(endpoints, c), 'ready')
    expect(new Set(picked(endpoints, 2))).toEqual(new Set([b, c]))
  })

  it('that die lose their queries to others, and keep them where there are none', () => {
    const endpoints = createEndpoints([a, b])
    const query = { sendElsewhere: vi.fn() }
    find(endpoints, a).queries.add(query)
    endpoints.found(find(endpoints, a), 'down', true)
    expect(query.sendElsewhere).not.toHaveBeenCalled()
    endpoints.found(find(endpoints, b), 'ready')
    endpoints.found(find(endpoints, a), 'down', true)
    expect(query.sendElsewhere).toHaveBeenCalledOnce()
  })
})

describe('a budget of retries', () => {
  it('has a few for a start, and then a part of the requests', () => {
    const counts = { retries: 0 }
    const budget = createRetryBudget(0.5, counts)
    let taken = 0
    while (budget.take()) taken += 1
    expect([taken, counts.retries]).toEqual([20, 20])
    budget.requested()
    expect(budget.take()).toBe(false)
    budget.requested()
    expect([budget.take(), budget.take()]).toEqual([true, false])
  })

  it('of nothing has none', () => {
    const budget = createRetryBudget(0, { retries: 0 })
    budget.requested()
    expect(budget.take()).toBe(false)
  })
})
