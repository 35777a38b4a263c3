import { describe, expect, it } from 'vitest'
import { formatMoney, minorUnits } from './format.ts'

describe('formatMoney', () => {
  it('turns minor units into the currency of the reader', () => {
    expect(formatMoney({ amount: 19_950, currency: 'CNY' }, 'zh-CN')).toBe('¥199.50')
    expect(formatMoney({ amount: 19_950, currency: 'CNY' }, 'en')).toBe('¥199.50')
    expect(formatMoney({ amount: 123_456_789, currency: 'USD' }, 'en')).toBe('$1,234,567.89')
  })

  it('leaves out an empty fraction unless the bill must be exact', () => {
    expect(formatMoney({ amount: 19_900, currency: 'EUR' }, 'en')).toBe('€199')
    expect(formatMoney({ amount: 19_900, currency: 'EUR' }, 'en', true)).toBe('€199.00')
  })

  it('knows currencies without cents', () => {
    expect(minorUnits('JPY')).toBe(1)
    expect(minorUnits('CNY')).toBe(100)
  })
})
