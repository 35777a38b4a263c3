import { randomUUID } from 'node:crypto'
import type { Attempts } from './data/attempts.ts'
import { hashPassword, verifyPassword } from './data/passwords.ts'
import type { RightsPublisher } from './data/rights-publisher.ts'
import type { LiveSession, SessionRepository } from './data/session-repository.ts'
import { createRefreshToken, hashRefreshToken } from './data/tokens.ts'
import type { AccessToken, Tokens } from './data/tokens.ts'
import type { UserRepository } from './data/user-repository.ts'
import { decideRegistration, readLogin, readPassword } from './domain/account.ts'
import { loginTaken, sessionExpired, tooManyAttempts, wrongCredentials } from './domain/errors.ts'
import { DEFAULT_ROLE } from './domain/roles.ts'

/** A session that was just begun or renewed; the only place where a refresh token is seen in clear. */
export interface SessionRecord {
  readonly __typename: 'Session'
  readonly accessToken: string
  readonly accessTokenExpiresAt: Date
  readonly refreshToken: string
  readonly userId: string
}

export interface AccountsDeps {
  readonly users: UserRepository
  readonly sessions: SessionRepository
  readonly tokens: Tokens
  readonly attempts: Attempts
  readonly rights: RightsPublisher
  readonly clock: () => Date
  /** Seconds. */
  readonly lifetimes: { readonly accessSeconds: number; readonly refreshSeconds: number }
}

export type Accounts = ReturnType<typeof createAccounts>

/** Registering, signing in and out: the same for the graph and for the HTTP routes. */
export function createAccounts({
  users,
  sessions,
  tokens,
  attempts,
  rights,
  clock,
  lifetimes,
}: AccountsDeps) {
  return {
    /** Creates an account and signs it in. */
    async register(input: Parameters<typeof decideRegistration>[0]) {
      const decided = decideRegistration(input)
      if ('__typename' in decided) return decided
      const { password, ...account } = decided
      const user = await users.create({
        ...account,
        id: randomUUID(),
        passwordHash: await hashPassword(password),
        roles: [DEFAULT_ROLE],
      })
      return user ? openSession(user.id) : loginTaken()
    },

    /** Signs in. Whoever guesses learns nothing from the time it takes, nor from guessing many times at once. */
    async logIn({ login, password }: { readonly login: string; readonly password: string }) {
      const lookup = readLogin(login)
      // What is no login at all is counted too, each by itself: its answers must not differ from a wrong password's.
      const key = 'email' in lookup && lookup.email === '' ? login : JSON.stringify(lookup)
      const blockedSeconds = await attempts.blockedFor(key)
      if (blockedSeconds > 0) return tooManyAttempts(blockedSeconds)

      const user = await users.findForLogIn(lookup)
      const matches = await verifyPassword(user?.passwordHash ?? null, readPassword(password))
      if (!user || !matches) {
        const oneTooMany = await attempts.recordFailure(key)
        return oneTooMany ? tooManyAttempts(await attempts.blockedFor(key)) : wrongCredentials()
      }
      // Looked at again: many guesses sent at once must not all be answered because none was counted yet.
      const blockedMeanwhile = await attempts.blockedFor(key)
      if (blockedMeanwhile > 0) return tooManyAttempts(blockedMeanwhile)
      await attempts.clear(key)
      return openSession(user.id)
    },

    /** Trades a refresh token for a new session; its reuse ends the session everywhere. */
    async refresh(refreshToken: string) {
      const now = clock()
      const next = newRefreshToken(now)
      const result = await sessions.rotate(hashRefreshToken(refreshToken), next, accessExpiry(now), now)
      if (result === 'REUSED') await rights.publish()
      if (typeof result === 'string') return sessionExpired()
      return toRecord(result, next.token, await tokens.signAccess(result, now))
    },

    /** Ends this session, or all of the user's. */
    async logOut({ sessionId, userId }: { sessionId: string; userId: string }, everywhere: boolean) {
      await sessions.revoke(everywhere ? { userId } : { id: sessionId }, 'LOGGED_OUT', clock())
      await rights.publish()
    },

    /** The session that a refresh token belongs to, without using the token up; null when it cannot be used. */
    async sessionOf(refreshToken: string) {
      const found = await sessions.findByRefreshToken(hashRefreshToken(refreshToken), clock())
      return (
        found && { sessionId: found.session.id, userId: found.session.userId, expiresAt: found.expiresAt }
      )
    },

    /** The claims of an access token whose session has not been ended; null for any other. */
    async claimsOf(accessToken: string) {
      const claims = await tokens.verifyAccess(accessToken)
      return claims && (await sessions.isLive(claims.sid)) ? claims : null
    },
  }

  async function openSession(userId: string): Promise<SessionRecord> {
    const now = clock()
    const refresh = newRefreshToken(now)
    const { token, ...stored } = refresh
    const session = await sessions.open({
      id: randomUUID(),
      userId,
      accessExpiresAt: accessExpiry(now),
      refresh: stored,
      now,
    })
    return toRecord(session, token, await tokens.signAccess(session, now))
  }

  function newRefreshToken(now: Date) {
    const token = createRefreshToken()
    const expiresAt = new Date(now.getTime() + lifetimes.refreshSeconds * 1_000)
    return { token, hash: hashRefreshToken(token), expiresAt }
  }

  function accessExpiry(now: Date): Date {
    return new Date(now.getTime() + lifetimes.accessSeconds * 1_000)
  }
}

function toRecord({ userId }: LiveSession, refreshToken: string, access: AccessToken): SessionRecord {
  return {
    __typename: 'Session',
    accessToken: access.token,
    accessTokenExpiresAt: access.expiresAt,
    refreshToken,
    userId,
  }
}
