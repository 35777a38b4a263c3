import { createHash, randomBytes } from 'node:crypto'
import { SignJWT, createLocalJWKSet, errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { ALGORITHM } from './signing-keys.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Claims of an access token (docs/architecture.md, "Internal trust"). Times in epoch seconds. */
export interface AccessClaims {
  readonly sub: string
  readonly sid: string
  readonly roles: readonly string[]
  readonly iat: number
  readonly exp: number
}

export interface Tokens {
  signAccess(claims: { userId: string; sessionId: string; roles: string[] }, now: Date): Promise<AccessToken>
  /** The claims of a token that we signed and that has not expired; null for any other. */
  verifyAccess(token: string): Promise<AccessClaims | null>
}

export interface AccessToken {
  readonly token: string
  readonly expiresAt: Date
}

const ISSUER = 'mall'
const AUDIENCE = 'mall'

const claimsSchema = z.object({
  sub: z.string(),
  sid: z.string(),
  roles: z.array(z.string()),
  iat: z.number(),
  exp: z.number(),
})

export function createTokens(
  keys: SigningKeys,
  { accessSeconds }: { readonly accessSeconds: number },
): Tokens {
  const keySet = createLocalJWKSet(keys.jwks)
  return {
    async signAccess({ userId, sessionId, roles }, now) {
      const issuedAt = Math.floor(now.getTime() / 1_000)
      const token = await new SignJWT({ sid: sessionId, roles })
        .setProtectedHeader({ alg: ALGORITHM, kid: keys.signing.kid, typ: 'JWT' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + accessSeconds)
        .sign(keys.signing.key)
      return { token, expiresAt: new Date((issuedAt + accessSeconds) * 1_000) }
    },

    async verifyAccess(token) {
      try {
        const options = { issuer: ISSUER, audience: AUDIENCE, algorithms: [ALGORITHM] }
        const { payload } = await jwtVerify(token, keySet, options)
        return claimsSchema.parse(payload)
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null
        throw error
      }
    },
  }
}

/** A refresh token: 256 random bits. */
export const createRefreshToken = (): string => randomBytes(32).toString('base64url')

/** What is stored of a refresh token. It is random, so that a fast hash without salt is enough. */
export const hashRefreshToken = (token: string): string =>
  createHash('sha256').update(token).digest('base64url')
