import { describe, expect, it } from 'vitest'
import { fenOf, isPayable, yuanOf } from './amounts.ts'

describe('amounts', () => {
  it.each([
    [1, '0.01'],
    [10, '0.10'],
    [100, '1.00'],
    [1_990, '19.90'],
    [8_165, '81.65'],
    [10_000_000_000, '100000000.00'],
  ])('%d fen are ¥%s, and back', (fen, yuan) => {
    expect(yuanOf(fen)).toBe(yuan)
    expect(fenOf(yuan)).toBe(fen)
  })

  it('come back as they were, for every amount up to ¥1,000', () => {
    const all = Array.from({ length: 100_000 }, (_, index) => index + 1)
    expect(all.filter((fen) => fenOf(yuanOf(fen)) !== fen)).toEqual([])
  })

  it.each([
    ['0.1', 10],
    ['88', 8_800],
  ])('are also read when written shorter: %s', (yuan, fen) => expect(fenOf(yuan)).toBe(fen))

  it.each(['', '1.234', '-1.00', '1e3', ' 1.00', '1,00', '0x10', 'NaN', '１.00'])(
    'do not come from %j',
    (text) => expect(fenOf(text)).toBeNull(),
  )

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])('are not made of %d', (fen) => {
    expect(() => yuanOf(fen)).toThrow(RangeError)
    expect(isPayable(fen)).toBe(false)
  })
})
