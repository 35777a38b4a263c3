import { describe, expect, it } from 'vitest'
import { DateTime, URLScalar } from './scalars.ts'

describe('DateTime', () => {
  it('is UTC with milliseconds on the wire, whatever it was given as', () => {
    const instant = '2026-01-31T08:00:00.000Z'
    for (const value of [new Date(instant), Date.parse(instant), '2026-01-31T16:00:00+08:00']) {
      expect(DateTime.serialize(value)).toBe(instant)
    }
    expect(DateTime.parseValue('2026-01-31T08:00:00Z')).toEqual(new Date(instant))
  })

  it.each(['2026-01-31', 'tomorrow', '2026-13-01T00:00:00Z', 7, null])(
    'does not take %j from a client',
    (value) => {
      expect(() => DateTime.parseValue(value)).toThrow('RFC 3339')
    },
  )
})

describe('URL', () => {
  it('is absolute or a path on the own origin', () => {
    expect(URLScalar.serialize('https://cdn.mall.test/a.webp')).toBe('https://cdn.mall.test/a.webp')
    expect(URLScalar.serialize('/media/a.webp')).toBe('/media/a.webp')
  })

  it.each(['//evil.test/a', 'javascript:alert(1)', 'media/a.webp', ''])('is not %j', (value) => {
    expect(() => URLScalar.serialize(value)).toThrow('must be absolute')
  })
})
