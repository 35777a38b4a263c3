import { describe, expect, it } from 'vitest'
import { emptyAddress, problemOfField, toAddressInput } from './address.ts'

describe('the address form', () => {
  it('asks for what the order needs and no more', () => {
    const form = emptyAddress()
    expect(problemOfField(form, 'recipient')).toBe('empty')
    expect(problemOfField(form, 'line2')).toBeNull()
  })

  it('finds what the server would refuse', () => {
    expect(problemOfField({ ...emptyAddress(), city: '  ' }, 'city')).toBe('empty')
    expect(problemOfField({ ...emptyAddress(), line1: 'x'.repeat(201) }, 'line1')).toBe('long')
  })

  it.each([
    ['+86 138 0013 8000', null],
    ['13800138000', null],
    ['call me', 'phone'],
  ])('judges the phone number %s', (phone, problem) => {
    expect(problemOfField({ ...emptyAddress(), phone }, 'phone')).toBe(problem)
  })

  it('sends trimmed text and null for what is left empty', () => {
    expect(toAddressInput({ ...emptyAddress(), city: ' 杭州 ' })).toMatchObject({
      city: '杭州',
      line2: null,
      postalCode: null,
    })
  })
})
