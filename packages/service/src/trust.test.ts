import { describe, expect, it } from 'vitest'
import { MAX_IDENTITY_LIFETIME_MS, signIdentity, subscribeBinding, verifyIdentity } from './trust.ts'

const now = 1_800_000_000_000
const keys = [
  { id: 'new', secret: 'a-secret-of-this-year' },
  { id: 'old', secret: 'a-secret-of-last-year' },
]
const viewer = { id: 'u1', roles: ['user'], scopes: ['stock:read'], sessionId: 's1' }
const claims = {
  audience: 'users',
  method: 'POST',
  body: '{"query":"{ me { id } }"}',
  viewer,
  address: '203.0.113.7',
  expiresAt: now + 15_000,
}
const expected = { audience: 'users', method: 'POST', body: claims.body, keys, now }

describe('an internal identity', () => {
  it('gives back viewer and address when all it binds is as expected', () => {
    expect(verifyIdentity(signIdentity(claims, keys), expected)).toEqual({ viewer, address: '203.0.113.7' })
  })

  it('carries an anonymous viewer as null', () => {
    const header = signIdentity({ ...claims, viewer: null }, keys)
    expect(verifyIdentity(header, expected)).toEqual({ viewer: null, address: '203.0.113.7' })
  })

  it('is accepted when an older key of the list signed it', () => {
    expect(verifyIdentity(signIdentity(claims, keys.slice(1)), expected)).not.toBeNull()
  })

  it('binds bytes and text alike', () => {
    const header = signIdentity(claims, keys)
    expect(verifyIdentity(header, { ...expected, body: Buffer.from(claims.body) })).not.toBeNull()
  })

  it.each([
    ['another audience', { audience: 'orders' }],
    ['another method', { method: 'SUBSCRIBE' }],
    ['another body', { body: '{"query":"{ users { totalCount } }"}' }],
    ['an unknown key', { keys: [{ id: 'x', secret: 'a-secret-of-this-year' }] }],
    ['a key with another secret', { keys: [{ id: 'new', secret: 'something-else-entirely' }] }],
    ['a time after its expiry', { now: claims.expiresAt }],
  ])('is refused for %s', (_case, change) => {
    expect(verifyIdentity(signIdentity(claims, keys), { ...expected, ...change })).toBeNull()
  })

  it('is refused when it expires more than 30 s ahead', () => {
    const header = signIdentity({ ...claims, expiresAt: now + MAX_IDENTITY_LIFETIME_MS + 1 }, keys)
    expect(verifyIdentity(header, expected)).toBeNull()
  })

  it('is refused when its payload was exchanged for another', () => {
    const [version, key, , signature] = signIdentity(claims, keys).split('.')
    const [, , payload] = signIdentity({ ...claims, viewer: { ...viewer, id: 'u2' } }, keys).split('.')
    expect(verifyIdentity([version, key, payload, signature].join('.'), expected)).toBeNull()
  })

  it.each([undefined, null, '', 'v1', 'v1.new', 'v1.new.e30.', 'v1.new.e30.AAAA', 'v2.new.e30.AAAA', '....'])(
    'is refused when it is %j',
    (header) => {
      expect(verifyIdentity(header, expected)).toBeNull()
    },
  )

  it('cannot be signed without a key', () => {
    expect(() => signIdentity(claims, [])).toThrow('no key')
  })
})

describe('the binding of a subscribe', () => {
  it('is the same whether optional parts are absent or null', () => {
    const query = 'subscription { tick }'
    expect(subscribeBinding({ query })).toBe(
      subscribeBinding({ query, operationName: null, variables: null }),
    )
    expect(subscribeBinding({ query })).toBe('["subscription { tick }",null,null]')
  })
})
