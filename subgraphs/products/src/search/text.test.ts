import { describe, expect, it } from 'vitest'
import { searchTextOf, termsOf } from './text.ts'

describe('search text', () => {
  it('is in lower case with single spaces', () => {
    expect(searchTextOf(['Thermos  500 ML', 'TH-1'])).toBe('thermos 500 ml th-1')
  })
})

describe('search terms', () => {
  it('are the words of Latin text and the pairs of Chinese text', () => {
    expect(termsOf('Blue 保温杯')).toEqual({ latin: ['blue'], cjk: ['保温', '温杯'] })
  })

  it('are single characters where there is only one, and nothing for signs', () => {
    expect(termsOf('杯 %_')).toEqual({ latin: [], cjk: ['杯'] })
  })
})
