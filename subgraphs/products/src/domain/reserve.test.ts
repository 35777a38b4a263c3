import { describe, expect, it } from 'vitest'
import { commit, release, reserve, type Reservation, type Shelf } from './reserve.ts'

const shelf = (units: Record<string, number>): Shelf =>
  new Map(
    Object.entries(units).map(([skuId, available]) => [
      skuId,
      { skuId, available, reserved: 0, sold: 0, version: 1 },
    ]),
  )
const line = (skuId: string, quantity: number) => ({ skuId, productId: 'p', quantity })
const reservation = (status: Reservation['status'], ...lines: Reservation['lines']): Reservation => ({
  orderId: 1n,
  status,
  lines,
  shortages: [],
})

describe('a reservation', () => {
  it('holds all units of all SKUs', () => {
    const stock = shelf({ mug: 5, cup: 1 })
    expect(reserve(stock, [line('mug', 2), line('cup', 1)])).toEqual([])
    expect(stock.get('mug')).toEqual({ skuId: 'mug', available: 3, reserved: 2, sold: 0, version: 2 })
  })

  it('takes nothing when one SKU is short, and says which', () => {
    const stock = shelf({ mug: 5, cup: 0 })
    expect(reserve(stock, [line('mug', 2), line('cup', 1)])).toEqual([
      { skuId: 'cup', requested: 1, available: 0 },
    ])
    expect(stock.get('mug')).toMatchObject({ available: 5, version: 1 })
  })

  it('is refused for a SKU that has no stock at all', () => {
    expect(reserve(shelf({}), [line('mug', 1)])).toEqual([{ skuId: 'mug', requested: 1, available: 0 }])
  })

  it('is sold once, and given back from there', () => {
    const stock = shelf({ mug: 5 })
    reserve(stock, [line('mug', 2)])
    expect(commit(stock, reservation('RESERVED', line('mug', 2)))).toBe(true)
    expect(commit(stock, reservation('COMMITTED', line('mug', 2)))).toBe(false)
    expect(stock.get('mug')).toMatchObject({ available: 3, reserved: 0, sold: 2 })
    expect(release(stock, reservation('COMMITTED', line('mug', 2)))).toBe(true)
    expect(stock.get('mug')).toMatchObject({ available: 5, reserved: 0, sold: 0 })
  })

  it('that was released or rejected changes nothing any more', () => {
    const stock = shelf({ mug: 5 })
    expect(commit(stock, reservation('RELEASED', line('mug', 2)))).toBe(false)
    expect(release(stock, reservation('REJECTED', line('mug', 2)))).toBe(false)
    expect(stock.get('mug')?.version).toBe(1)
  })
})
