import { describe, expect, it } from 'vitest'
import { addUnits, countUnits, parseLines, setUnits, subtractLines } from './cart-lines.ts'

const cup = { skuId: 'cup', quantity: 2 }
const lamp = { skuId: 'lamp', quantity: 1 }

describe('the cart', () => {
  it('joins units of the same SKU and puts a new one first', () => {
    expect(addUnits([cup], lamp)).toEqual([lamp, cup])
    expect(addUnits([lamp, cup], { skuId: 'cup', quantity: 3 })).toEqual([
      lamp,
      { skuId: 'cup', quantity: 5 },
    ])
  })

  it('stays within what an order may hold', () => {
    expect(addUnits([cup], { skuId: 'cup', quantity: 5_000 })).toEqual([{ skuId: 'cup', quantity: 1_000 }])
    expect(setUnits([cup], 'cup', 0)).toEqual([{ skuId: 'cup', quantity: 1 }])
  })

  it('keeps what another tab added while the order was placed', () => {
    expect(subtractLines([{ skuId: 'cup', quantity: 3 }, lamp], [cup])).toEqual([
      { skuId: 'cup', quantity: 1 },
      lamp,
    ])
    expect(subtractLines([cup, lamp], [cup, lamp])).toEqual([])
  })

  it('counts units, not lines', () => {
    expect(countUnits([cup, lamp])).toBe(3)
  })

  it('reads back what it wrote, in order', () => {
    expect(parseLines(JSON.stringify([cup, lamp]))).toEqual([cup, lamp])
  })

  it.each(['', 'no json', '{}', '[{"skuId":1,"quantity":1}]', '[{"skuId":"a","quantity":-1}]', '[null]'])(
    'begins empty when %j is stored',
    (stored) => {
      expect(parseLines(stored)).toEqual([])
    },
  )
})
