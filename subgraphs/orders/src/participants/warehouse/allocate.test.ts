import { describe, expect, it } from 'vitest'
import { allocate, put, type Shelves } from './allocate.ts'

const warehouses = [
  { id: 'south', name: 'South', region: 'Guangdong', position: 0 },
  { id: 'north', name: 'North', region: 'Beijing', position: 1 },
]

function shelvesWith(units: Record<string, Record<string, number>>): Shelves {
  const shelves: Shelves = new Map()
  for (const [warehouse, skus] of Object.entries(units))
    for (const [sku, quantity] of Object.entries(skus)) put(shelves, warehouse, sku, quantity)
  return shelves
}

const ask = (quantity: number, region: string, shelves: Shelves) =>
  allocate({ lines: [{ skuId: 'mug', quantity }], region }, warehouses, shelves)

describe('an allocation', () => {
  it('comes from the nearest warehouse that has all', () => {
    const shelves = shelvesWith({ south: { mug: 5 }, north: { mug: 5 } })
    expect(ask(2, 'beijing', shelves)).toEqual([
      { warehouseId: 'north', lines: [{ skuId: 'mug', quantity: 2 }] },
    ])
    expect(shelves.get('north')?.get('mug')).toBe(3)
  })

  it('comes from a farther warehouse when the nearest has too few', () => {
    const shelves = shelvesWith({ south: { mug: 5 }, north: { mug: 1 } })
    expect(ask(2, 'Beijing', shelves)).toMatchObject([{ warehouseId: 'south' }])
  })

  it('is split when no warehouse has all', () => {
    const shelves = shelvesWith({ south: { mug: 3 }, north: { mug: 3 } })
    expect(ask(5, 'Beijing', shelves)).toEqual([
      { warehouseId: 'north', lines: [{ skuId: 'mug', quantity: 3 }] },
      { warehouseId: 'south', lines: [{ skuId: 'mug', quantity: 2 }] },
    ])
  })

  it('takes nothing when all together have too few', () => {
    const shelves = shelvesWith({ south: { mug: 1 }, north: { mug: 1 } })
    expect(ask(5, 'Beijing', shelves)).toHaveProperty('reason')
    expect(shelves.get('south')?.get('mug')).toBe(1)
  })

  it('is refused for a region that nobody delivers to', () => {
    expect(ask(1, 'Nowhere', shelvesWith({ south: { mug: 1 } }))).toHaveProperty('reason')
  })
})
