import { describe, expect, it } from 'vitest'
import { decideRegistration, readLogin } from './account.ts'

const input = { displayName: 'Mei Lin', email: 'mei@mall.test', password: 'mall-demo-2026' }

describe('a registration', () => {
  it('is stored in the form in which logins are compared', () => {
    const odd = { ...input, displayName: '  Mei Lin ', email: ' Mei@Mall.Test ', phone: '+86 138-0013-8000' }
    expect(decideRegistration(odd)).toEqual({
      displayName: 'Mei Lin',
      email: 'mei@mall.test',
      phone: '+8613800138000',
      password: 'mall-demo-2026',
    })
  })

  it('needs only one of e-mail and phone', () => {
    expect(decideRegistration({ ...input, email: null, phone: '+8613800138000' })).toMatchObject({
      email: null,
      phone: '+8613800138000',
    })
  })

  it.each([
    ['displayName', { displayName: '  ' }],
    ['displayName', { displayName: 'x'.repeat(81) }],
    ['displayName', { displayName: 'a\u0000b' }],
    ['email', { email: '' }],
    ['email', { email: 'mei' }],
    ['email', { email: 'mei@mall' }],
    ['email', { email: `${'x'.repeat(260)}@mall.test` }],
    ['phone', { phone: '13800138000' }],
    ['phone', { phone: 'call me' }],
    ['password', { password: 'abcdefgh1'.repeat(40) }],
  ])('names the field %s for %j', (field, change) => {
    expect(decideRegistration({ ...input, ...change })).toMatchObject({
      __typename: 'InvalidInputError',
      field,
    })
  })

  it.each(['short', '1234567890', 'PASSWORD123', 'aaaaaaaaaaaaaaaa', 'mei@mall.test'])(
    'refuses the weak password %j',
    (password) => {
      expect(decideRegistration({ ...input, password })).toMatchObject({
        __typename: 'WeakPasswordError',
        minLength: 10,
      })
    },
  )
})

describe('a login', () => {
  it('is a phone number when it looks like one', () => {
    expect(readLogin('+86 138 0013 8000')).toEqual({ phone: '+8613800138000' })
    expect(readLogin(' Mei@Mall.test')).toEqual({ email: 'mei@mall.test' })
    expect(readLogin('+mei@mall.test')).toEqual({ email: '+mei@mall.test' })
  })

  it.each(['', 'mei', 'a\u0000@mall.test', "' or 1=1 --"])("is nobody's when it is %j", (login) => {
    expect(readLogin(login)).toEqual({ email: '' })
  })
})
