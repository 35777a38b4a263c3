import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SecretKey } from '@mall/service/config'

/** Names of the headers that every message carries. */
export const header = {
  eventId: 'x-event-id',
  traceId: 'x-trace-id-v2',
  region: 'x-cloud-region',
  keyId: 'x-event-key-id',
  signature: 'x-event-signature-sha256',
} as const

/** A message as it travels, without its signature. */
export interface SignedParts {
  topic: string
  key: string
  headers: Record<string, string>
  value: Buffer
}

const signedHeaders = [header.eventId, header.traceId, header.region, header.keyId]

/** HMAC-SHA256, hexadecimal, over topic, key, headers in fixed order and the value's bytes, each with its length. */
export function signatureOf({ topic, key, headers, value }: SignedParts, secret: string): string {
  // A length before each part, so that no two messages run together into the same bytes.
  const parts = [topic, key, ...signedHeaders.map((name) => headers[name] ?? '')]
  const prefix = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('')
  return createHmac('sha256', secret).update(`${prefix}${value.length}:`).update(value).digest('hex')
}

/** Why a message cannot be trusted; null when its signature holds under one of the keys. */
export function distrust(parts: SignedParts, keys: readonly SecretKey[]): string | null {
  const keyId = parts.headers[header.keyId]
  const given = parts.headers[header.signature]
  if (!keyId || !given) return 'it is not signed'
  const key = keys.find(({ id }) => id === keyId)
  if (!key) return 'it is signed with an unknown key'
  const expected = Buffer.from(signatureOf(parts, key.secret))
  const actual = Buffer.from(given)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
    ? null
    : 'its signature is wrong'
}
