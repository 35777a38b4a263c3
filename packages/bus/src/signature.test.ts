import { describe, expect, it } from 'vitest'
import { distrust, header, signatureOf, type SignedParts } from './signature.ts'

const oldKey = { id: 'old', secret: 'the-secret-of-last-year' }
const newKey = { id: 'new', secret: 'the-secret-of-this-year' }

describe('a signed message', () => {
  it('is trusted under the key it was signed with', () => {
    expect(distrust(signed(newKey), [newKey])).toBeNull()
  })

  it('is trusted under the old key while both are in use', () => {
    expect(distrust(signed(oldKey), [newKey, oldKey])).toBeNull()
  })

  it('is not trusted once its key is gone', () => {
    expect(distrust(signed(oldKey), [newKey])).toBe('it is signed with an unknown key')
  })

  it.each<[string, (parts: SignedParts) => SignedParts]>([
    ['topic', (parts) => ({ ...parts, topic: 'stock-released' })],
    ['key', (parts) => ({ ...parts, key: '13' })],
    ['value', (parts) => ({ ...parts, value: Buffer.from('{"paid":true}') })],
    ...[header.eventId, header.traceId, header.region].map(
      (name): [string, (parts: SignedParts) => SignedParts] => [
        name,
        (parts) => ({ ...parts, headers: { ...parts.headers, [name]: 'another' } }),
      ],
    ),
  ])('is not trusted with another %s', (_, change) => {
    expect(distrust(change(signed(newKey)), [newKey])).toBe('its signature is wrong')
  })

  it('is not trusted under the name of another key', () => {
    const parts = signed(newKey)
    const renamed = { ...parts, headers: { ...parts.headers, [header.keyId]: oldKey.id } }
    expect(distrust(renamed, [newKey, oldKey])).toBe('its signature is wrong')
  })

  it('cannot be cut differently into key and headers', () => {
    const one = unsigned({ key: '12', headers: { [header.eventId]: '3' } })
    const other = unsigned({ key: '1', headers: { [header.eventId]: '23' } })
    expect(signatureOf(one, newKey.secret)).not.toBe(signatureOf(other, newKey.secret))
  })

  it.each([header.keyId, header.signature])('is not trusted without %s', (name) => {
    const parts = signed(newKey)
    const { [name]: _, ...headers } = parts.headers
    expect(distrust({ ...parts, headers }, [newKey])).toBe('it is not signed')
  })

  it.each(['', 'short', 'é'.repeat(32), '0'.repeat(64)])(
    'is not trusted with the signature "%s"',
    (given) => {
      const parts = signed(newKey)
      const forged = { ...parts, headers: { ...parts.headers, [header.signature]: given } }
      expect(distrust(forged, [newKey])).not.toBeNull()
    },
  )
})

function unsigned(parts: Partial<SignedParts> = {}): SignedParts {
  return { topic: 'stock-release', key: '12', headers: {}, value: Buffer.from('{}'), ...parts }
}

function signed({ id, secret }: { id: string; secret: string }): SignedParts {
  const headers = {
    [header.eventId]: 'event-1',
    [header.traceId]: 'trace-1',
    [header.region]: 'local',
    [header.keyId]: id,
  }
  const parts = unsigned({ headers })
  return { ...parts, headers: { ...headers, [header.signature]: signatureOf(parts, secret) } }
}
