import { describe, expect, it } from 'vitest'
import { chooseValue, firstChoice, groupOptions, stateOfValue } from './sku-choice.ts'

const sku = (id: string, colour: string, size: string, available: number) => ({
  id,
  options: [
    { name: 'colour', value: colour },
    { name: 'size', value: size },
  ],
  stock: { available },
})

// No blue L; red M is sold out.
const skus = [
  sku('red-s', 'red', 'S', 4),
  sku('red-m', 'red', 'M', 0),
  sku('red-l', 'red', 'L', 2),
  sku('blue-s', 'blue', 'S', 1),
  sku('blue-m', 'blue', 'M', 3),
]

describe('choosing a SKU by its options', () => {
  it('lists each option once, in the order of the SKUs', () => {
    expect(groupOptions(skus)).toEqual([
      { name: 'colour', values: ['red', 'blue'] },
      { name: 'size', values: ['S', 'M', 'L'] },
    ])
  })

  it('begins with one that can be bought', () => {
    expect(firstChoice([sku('out', 'red', 'S', 0), ...skus])?.id).toBe('red-s')
    expect(firstChoice([sku('out', 'red', 'S', 0)])?.id).toBe('out')
    expect(firstChoice([])).toBeNull()
  })

  it('keeps what was chosen besides', () => {
    expect(chooseValue(skus, { colour: 'red', size: 'M' }, 'colour', 'blue')?.id).toBe('blue-m')
  })

  it('changes the other option where the combination does not exist', () => {
    expect(chooseValue(skus, { colour: 'red', size: 'L' }, 'colour', 'blue')?.id).toBe('blue-s')
  })

  it('shows a sold-out combination when it is asked for', () => {
    expect(chooseValue(skus, { colour: 'red', size: 'S' }, 'size', 'M')?.id).toBe('red-m')
  })

  it('tells which values go with the choice', () => {
    const choice = { colour: 'red', size: 'L' }
    expect(stateOfValue(skus, choice, 'size', 'S')).toBe('available')
    expect(stateOfValue(skus, choice, 'size', 'M')).toBe('soldOut')
    expect(stateOfValue(skus, choice, 'colour', 'blue')).toBe('other')
  })
})
