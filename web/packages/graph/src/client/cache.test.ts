import { describe, expect, it } from 'vitest'
import { SkuStockFragmentDoc } from '../generated/documents.ts'
import { createCache } from './cache.ts'

function createShelf() {
  const cache = createCache()
  const at = { id: 'Sku:s1', fragment: SkuStockFragmentDoc }
  return {
    hear: (available: number, version: number) =>
      cache.writeFragment({
        ...at,
        data: { __typename: 'Sku', id: 's1', stock: { __typename: 'Stock', available, version } },
      }),
    available: () => cache.readFragment(at)?.stock.available,
  }
}

describe('stock in the cache', () => {
  it('follows what is heard', () => {
    const shelf = createShelf()
    shelf.hear(10, 1)
    shelf.hear(9, 2)
    expect(shelf.available()).toBe(9)
  })

  it('does not go back when a slow answer is older than what was heard', () => {
    const shelf = createShelf()
    shelf.hear(9, 2)
    shelf.hear(10, 1)
    expect(shelf.available()).toBe(9)
  })
})
