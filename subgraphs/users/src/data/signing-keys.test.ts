import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readSigningKeys } from './signing-keys.ts'
import { createTokens } from './tokens.ts'

const newKey = () => generateKeyPairSync('ed25519').privateKey
const jwk = { ...newKey().export({ format: 'jwk' }), kid: 'first' }
const other = { ...newKey().export({ format: 'jwk' }), kid: 'second' }
const claims = { userId: 'u1', sessionId: 's1', roles: ['user'] }
const lifetime = { accessSeconds: 900 }

describe('signing keys', () => {
  it('are read from one JWK, a list or a set, and published without their private part', async () => {
    for (const value of [jwk, [jwk, other], { keys: [jwk, other] }]) {
      const keys = await readSigningKeys({ keys: JSON.stringify(value) })
      expect(keys?.signing.kid).toBe('first')
      expect(JSON.stringify(keys?.jwks)).not.toContain(jwk.d)
    }
  })

  it('are read from PEM blocks, named by their thumbprint', async () => {
    const pem = () => newKey().export({ format: 'pem', type: 'pkcs8' }).toString()
    const keys = await readSigningKeys({ keys: pem() + pem() })
    expect(keys?.jwks.keys).toHaveLength(2)
    expect(keys?.signing.kid).toMatch(/^[\w-]{43}$/)
  })

  it('are refused when they are something else, without quoting them', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
    await expect(readSigningKeys({ keys: JSON.stringify(rsa) })).rejects.toThrow()
    await expect(readSigningKeys({ keys: '[]' })).rejects.toThrow('empty')
    await expect(readSigningKeys({ keys: 'hunter2' })).rejects.toThrow(/^((?!hunter2).)*$/)
    expect(await readSigningKeys({})).toBeNull()
  })
})

describe('a rotation of keys', () => {
  it('logs nobody out: tokens of the older key are still good', async () => {
    const before = await tokensOf([jwk])
    const after = await tokensOf([other, jwk])
    const { token } = await before.signAccess(claims, new Date())
    expect(await after.verifyAccess(token)).toMatchObject({ sub: 'u1', sid: 's1', roles: ['user'] })
  })

  it('ends with tokens of keys that are no longer listed being refused', async () => {
    const { token } = await (await tokensOf([jwk])).signAccess(claims, new Date())
    expect(await (await tokensOf([other])).verifyAccess(token)).toBeNull()
  })
})

describe('an access token', () => {
  it('is refused when it has expired, was changed, or was never one', async () => {
    const tokens = await tokensOf([jwk])
    const { token } = await tokens.signAccess(claims, new Date(Date.now() - 901_000))
    const fresh = (await tokens.signAccess(claims, new Date())).token
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${fresh.split('.')[1]}.`
    for (const bad of [token, `${fresh.slice(0, -4)}AAAA`, unsigned, '', 'x.y.z']) {
      expect(await tokens.verifyAccess(bad)).toBeNull()
    }
  })
})

async function tokensOf(keys: object[]) {
  const read = await readSigningKeys({ keys: JSON.stringify(keys) })
  if (!read) throw new Error('no keys')
  return createTokens(read, lifetime)
}
