import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'

/** Who holds an API key, and what it is for. The key itself is known to the holder only. */
export interface ApiKey {
  readonly name: string
  /** SHA-256 of the key. It has 256 random bits, so that nothing slower is needed. */
  readonly hash: Buffer
  readonly scopes: readonly string[]
  /** Have the permissions that they have at the moment, as those of users. */
  readonly roles: readonly string[]
  /** The id that it acts as. */
  readonly viewerId: string
  /** Epoch milliseconds; Infinity for never. */
  readonly expiresAt: number
  /** Its key may be known to anybody: refused in production. */
  readonly isForDevelopment: boolean
}

const keySchema = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,50}$/, { error: 'must be up to 50 letters, digits, dots, dashes' }),
    hash: z.string().regex(/^sha256:[0-9a-f]{64}$/, { error: 'must be sha256: and 64 hexadecimal digits' }),
    scopes: z.array(z.string()).default([]),
    roles: z.array(z.string()).default([]),
    /** A user, for whom the partner acts; without it the partner is somebody of its own. */
    customer: z.string().optional(),
    /** The last day, in UTC. */
    expires: z.iso.date().optional(),
    development: z.boolean().default(false),
  })
  .transform(({ name, hash, scopes, roles, customer, expires, development }): ApiKey => ({
    name,
    hash: Buffer.from(hash.slice('sha256:'.length), 'hex'),
    scopes,
    roles,
    viewerId: customer ?? `partner:${name}`,
    expiresAt: expires === undefined ? Infinity : Date.parse(`${expires}T23:59:59.999Z`),
    isForDevelopment: development,
  }))

export const keysFileSchema = z.strictObject({
  keys: z.array(keySchema).refine((keys) => new Set(keys.map(({ name }) => name)).size === keys.length, {
    error: 'two keys have the same name',
  }),
})

/** A new key, to be shown once. */
export const createKey = (): string => `key_${randomBytes(32).toString('base64url')}`

export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest()

/** The key's entry among those known; null for none. Takes as long for any key. */
export function findKey(keys: readonly ApiKey[], key: string): ApiKey | null {
  const hash = hashKey(key)
  return keys.reduce<ApiKey | null>((found, one) => (timingSafeEqual(one.hash, hash) ? one : found), null)
}
