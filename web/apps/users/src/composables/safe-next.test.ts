import { describe, expect, it } from 'vitest'
import { safeNext } from './safe-next.ts'

describe('safeNext', () => {
  it('goes back to where the shopper came from', () => {
    expect(safeNext('/checkout?step=1')).toBe('/checkout?step=1')
  })

  it.each(['https://evil.test', '//evil.test', '/\\evil.test', undefined, ['/a']])(
    'does not leave the shop for %s',
    (next) => {
      expect(safeNext(next)).toBe('/')
    },
  )
})
