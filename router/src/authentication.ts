import type { IncomingHttpHeaders } from 'node:http'
import type { Viewer } from '@mall/access'
import { unauthenticated, unavailable } from '@mall/service/errors'
import type { RightsReader } from '@mall/service/rights'
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { createLru } from '@mall/service/lru'

/** What a valid token says. Times in epoch milliseconds. */
export interface Session {
  readonly sub: string
  readonly sid: string
  readonly roles: readonly string[]
  /** Of the token itself; used where no rights are configured. */
  readonly scopes: readonly string[]
  readonly expiresAt: number
}

export interface Authentication {
  /**
   * The session of an `Authorization` header; null without one. Throws UNAUTHENTICATED for a token that is forged,
   * expired, or whose session was revoked, UNAVAILABLE while tokens cannot be checked.
   */
  authenticate(header: string | undefined): Promise<Session | null>
  /** Who a session stands for at this moment; null when it was revoked. */
  viewerOf(session: Session): Viewer | null
  /** Called when rights have changed. */
  onChange(listener: () => void): () => void
  isReady(): boolean
}

export interface AuthenticationOptions {
  /** Where the key set is at this moment, at one or several instances. */
  readonly jwksUrls: () => readonly string[]
  readonly issuer?: string | undefined
  readonly audience?: string | undefined
  /** Where roles become scopes; without it the token's own `scope` counts. */
  readonly rights: RightsReader | null
}

/** Who sends these headers; null for nobody. Throws as `authenticate` does. An API key may come as `x-api-key`, too. */
export async function identify(
  headers: IncomingHttpHeaders,
  authentication: Authentication | null,
): Promise<Viewer | null> {
  if (!authentication) return null
  const key = headers['x-api-key']
  const session = await authentication.authenticate(
    key === undefined ? headers.authorization : `ApiKey ${String(key)}`,
  )
  const viewer = session && authentication.viewerOf(session)
  if (session && !viewer) throw unauthenticated('The session has ended.')
  return viewer
}

/** Asymmetric ones only: nobody must be able to sign with what is published. */
const algorithms = ['EdDSA', 'Ed25519', 'ES256', 'ES384', 'RS256', 'RS384', 'RS512', 'PS256']
const MAX_TOKENS = 10_000
/** Instances come and go. */
const MAX_KEY_SETS = 100

export function createAuthentication({
  jwksUrls,
  issuer,
  audience,
  rights,
}: AuthenticationOptions): Authentication {
  const keySet = firstThatAnswers(jwksUrls)
  /** By the whole header: nothing need be read of one that is known. */
  const verified = createLru<string, Session>(MAX_TOKENS)
  const viewers = new WeakMap<Session, Viewer>()
  const options = { algorithms, ...(issuer ? { issuer } : {}), ...(audience ? { audience } : {}) }

  async function verify(header: string): Promise<Session> {
    const known = verified.get(header)
    if (known) return known
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(header.trim())?.[1]
    if (!token) throw unauthenticated('The token is not valid.')
    try {
      const { payload } = await jwtVerify(token, keySet, { ...options, requiredClaims: ['sub', 'exp'] })
      const session = toSession(payload)
      verified.set(header, session)
      return session
    } catch (error) {
      const isUnreachable = !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout
      if (isUnreachable) throw unavailable('Signing in cannot be checked at the moment.', error)
      throw unauthenticated('The token is not valid.')
    }
  }

  function viewerOf(session: Session): Viewer | null {
    if (rights) return rights.viewerOf(session)
    const known = viewers.get(session)
    if (known) return known
    const { sub, sid, roles, scopes } = session
    const viewer = { id: sub, roles, scopes, sessionId: sid }
    viewers.set(session, viewer)
    return viewer
  }

  return {
    async authenticate(header) {
      if (!header) return null
      const session = await verify(header)
      if (session.expiresAt <= Date.now()) throw unauthenticated('The token is not valid.')
      if (rights && !rights.isReady()) throw unavailable('Signing in cannot be checked at the moment.')
      if (!viewerOf(session)) throw unauthenticated('The session has ended.')
      return session
    },
    viewerOf,
    onChange: (listener) => rights?.onChange(listener) ?? (() => undefined),
    isReady: () => rights?.isReady() ?? true,
  }
}

/** The key set of whichever instance answers; a key that none knows is not a matter of availability. */
function firstThatAnswers(urls: () => readonly string[]): JWTVerifyGetKey {
  const sets = createLru<string, JWTVerifyGetKey>(MAX_KEY_SETS)
  const setOf = (url: string) => {
    const known = sets.get(url)
    if (known) return known
    const set = createRemoteJWKSet(new URL(url), { timeoutDuration: 3_000, cooldownDuration: 5_000 })
    sets.set(url, set)
    return set
  }
  return async (header, token) => {
    let failure: unknown
    for (const url of urls()) {
      try {
        return await setOf(url)(header, token)
      } catch (error) {
        failure = error
        if (error instanceof errors.JWKSNoMatchingKey) break
      }
    }
    throw failure
  }
}

function toSession({ sub = '', exp = 0, ...claims }: JWTPayload): Session {
  const { sid, roles, scope } = claims
  return {
    sub,
    sid: typeof sid === 'string' ? sid : '',
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    scopes: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
    expiresAt: exp * 1_000,
  }
}
