import { expect, it } from 'vitest'
import { createOperationNames, MAX_OTHER_NAMES } from './operation-names.ts'

it('names that clients make up are so many and no more', () => {
  const nameOf = createOperationNames(new Set(['Cart']))
  const made = new Set(Array.from({ length: 10_000 }, (_, index) => nameOf(`Hostile${index}`)))
  expect(made.size).toBe(MAX_OTHER_NAMES + 1)
  expect(made).toContain('other')
  expect([nameOf('Hostile0'), nameOf('Late'), nameOf('Cart'), nameOf(undefined)]).toEqual([
    'Hostile0',
    'other',
    'Cart',
    'anonymous',
  ])
})

it('a long name is not kept, unless it is registered', () => {
  const long = 'x'.repeat(100_000)
  expect(createOperationNames(new Set())(long)).toBe('other')
  expect(createOperationNames(new Set([long]))(long)).toBe(long)
})
