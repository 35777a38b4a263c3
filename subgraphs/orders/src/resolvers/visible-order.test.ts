import { describe, expect, it } from 'vitest'
import type { Context } from '../context.ts'
import { createLoaders } from '../data/loaders.ts'
import type { OrderRecord } from '../data/order-repository.ts'
import { begin } from '../saga/state.ts'
import { orderContent } from '../testing/order-content.ts'
import { findOrderNow, findVisibleOrder, findVisibleOrderNow } from './visible-order.ts'

const content = orderContent({ id: 5n })
const cached: OrderRecord = { ...begin('', content), ...content, version: 1, updatedAt: content.placedAt }
const stored: OrderRecord = { ...cached, status: 'CANCELLED', version: 2 }
const sources = {
  cache: { findMany: async () => [cached] },
  orders: { findMany: async () => [stored] },
}

function reader(id: string | null, ...scopes: string[]): Pick<Context, 'viewer' | 'loaders'> {
  return {
    viewer: id === null ? null : { id, scopes, roles: [], sessionId: 's' },
    loaders: createLoaders(sources as unknown as Parameters<typeof createLoaders>[0]),
  }
}

describe('an order from the cache', () => {
  it('answers its owner and those who may read all', async () => {
    expect(await findVisibleOrder('5', reader('shopper'))).toBe(cached)
    expect(await findVisibleOrder('5', reader('staff', 'orders:read'))).toBe(cached)
  })

  it('is shown to nobody else, whoever it was cached for', async () => {
    expect(await findVisibleOrder('5', reader('stranger'))).toBeNull()
    expect(await findVisibleOrder('5', reader(null))).toBeNull()
  })

  it('is not what decisions are made by', async () => {
    expect(await findVisibleOrderNow('5', reader('shopper'))).toBe(stored)
    expect(await findOrderNow('5', reader(null).loaders)).toBe(stored)
    expect(await findVisibleOrderNow('5', reader('stranger'))).toBeNull()
  })
})
