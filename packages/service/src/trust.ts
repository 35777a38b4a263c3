import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { Viewer } from '@mall/access'
import { z } from 'zod'
import type { SecretKey } from './config.ts'

/** The header that tells a subgraph who is asking (docs/architecture.md, "Internal trust"). */
export const IDENTITY_HEADER = 'x-internal-identity'

/** The longest time ahead, in milliseconds, that an identity may expire. */
export const MAX_IDENTITY_LIFETIME_MS = 30_000

/** What an identity binds. `body` is the raw body, or on sockets what `subscribeBinding` gives. */
export interface IdentityClaims {
  /** The subgraph's name: an identity for one subgraph is worth nothing at another. */
  readonly audience: string
  /** The HTTP method, or `SUBSCRIBE` on sockets. */
  readonly method: string
  readonly body: string | Uint8Array
  readonly viewer: Viewer | null
  /** The client's address as the router sees it. */
  readonly address: string
  /** Epoch milliseconds, at most 30 s ahead. */
  readonly expiresAt: number
}

/** Who is asking, once the signature has been found good. */
export interface Identity {
  readonly viewer: Viewer | null
  readonly address: string
}

/** What a receiver expects of an identity. */
export interface IdentityExpectation {
  readonly audience: string
  readonly method: string
  readonly body: string | Uint8Array
  readonly keys: readonly SecretKey[]
  /** Epoch milliseconds. */
  readonly now: number
}

/** The header's value: `v1.<key id>.<payload>.<signature>`, signed with the first key. */
export function signIdentity(claims: IdentityClaims, keys: readonly SecretKey[]): string {
  const key = keys[0]
  if (!key) throw new Error('no key to sign an identity with')
  const payload = JSON.stringify({
    aud: claims.audience,
    method: claims.method,
    body: digest(claims.body),
    viewer: claims.viewer,
    address: claims.address,
    exp: claims.expiresAt,
  })
  const signed = `v1.${key.id}.${Buffer.from(payload).toString('base64url')}`
  return `${signed}.${hmac(signed, key)}`
}

/** The identity that the header carries, or null when it is not to be trusted for this very request. */
export function verifyIdentity(
  header: string | null | undefined,
  expected: IdentityExpectation,
): Identity | null {
  const [version, keyId, payload, signature, ...rest] = header?.split('.') ?? []
  if (version !== 'v1' || !keyId || !payload || !signature || rest.length > 0) return null
  const key = expected.keys.find(({ id }) => id === keyId)
  if (!key || !isSame(hmac(`v1.${keyId}.${payload}`, key), signature)) return null

  const claims = readPayload(payload)
  if (!claims) return null
  const fits =
    claims.aud === expected.audience &&
    claims.method === expected.method &&
    claims.exp > expected.now &&
    claims.exp <= expected.now + MAX_IDENTITY_LIFETIME_MS &&
    claims.body === digest(expected.body)
  return fits ? { viewer: claims.viewer, address: claims.address } : null
}

/** What an identity binds in place of a body when an operation is subscribed to on a socket. */
export function subscribeBinding(payload: {
  readonly query: string
  readonly operationName?: string | null | undefined
  readonly variables?: Record<string, unknown> | null | undefined
}): string {
  return JSON.stringify([payload.query, payload.operationName ?? null, payload.variables ?? null])
}

const payloadSchema = z.object({
  aud: z.string(),
  method: z.string(),
  body: z.string(),
  viewer: z
    .object({
      id: z.string(),
      roles: z.array(z.string()),
      scopes: z.array(z.string()),
      sessionId: z.string(),
    })
    .nullable(),
  address: z.string(),
  exp: z.number(),
})

function readPayload(encoded: string): z.infer<typeof payloadSchema> | null {
  try {
    return payloadSchema.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString()))
  } catch {
    return null
  }
}

const digest = (body: string | Uint8Array): string => hash('sha256', body, 'base64url')

const hmac = (signed: string, key: SecretKey): string =>
  createHmac('sha256', key.secret).update(signed).digest('base64url')

function isSame(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
