import type { Database } from './database.ts'
import { raiseRightsVersion } from './rights-repository.ts'

/** A session that may have an access token, with what the token says. */
export interface LiveSession {
  readonly sessionId: string
  readonly userId: string
  readonly roles: string[]
}

export interface NewRefreshToken {
  readonly hash: string
  readonly expiresAt: Date
}

export type RotationResult = LiveSession | 'EXPIRED' | 'REUSED'

export type SessionRepository = ReturnType<typeof createSessionRepository>

export function createSessionRepository(db: Database) {
  return {
    /** Begins a session with its first refresh token. */
    async open(session: {
      id: string
      userId: string
      accessExpiresAt: Date
      refresh: NewRefreshToken
      now: Date
    }): Promise<LiveSession> {
      const { id, userId, accessExpiresAt, refresh, now } = session
      await db.session.create({
        data: { id, userId, accessExpiresAt, createdAt: now, refreshTokens: { create: refresh } },
      })
      const roles = await db.userRole.findMany({ where: { userId }, select: { roleName: true } })
      return { sessionId: id, userId, roles: roles.map(({ roleName }) => roleName).sort() }
    },

    /**
     * Trades a refresh token for the next one. Of two that come with the same token at once one gets it; the other,
     * like everyone who comes later, shows that the token was copied, and ends the session.
     */
    async rotate(
      hash: string,
      next: NewRefreshToken,
      accessExpiresAt: Date,
      now: Date,
    ): Promise<RotationResult> {
      const [live] = await db.$queryRaw<LiveSession[]>`
        with used as (
          update refresh_token set used_at = ${now}
          where hash = ${hash} and used_at is null and expires_at > ${now}
          returning session_id
        ), live as (
          update session set access_expires_at = greatest(access_expires_at, ${accessExpiresAt})
          from used where session.id = used.session_id and revoked_at is null
          returning session.id, session.user_id
        ), fresh as (
          insert into refresh_token (hash, session_id, expires_at)
          select ${next.hash}, live.id, ${next.expiresAt} from live
        )
        select live.id as "sessionId", live.user_id as "userId",
          array(select role_name from user_role where user_id = live.user_id order by role_name) as roles
        from live`
      if (live) return live

      const reused = await db.session.findFirst({
        where: { revokedAt: null, refreshTokens: { some: { hash, usedAt: { not: null } } } },
        select: { id: true },
      })
      if (!reused) return 'EXPIRED'
      await this.revoke({ id: reused.id }, 'REUSED', now)
      return 'REUSED'
    },

    /** Ends one session, or all of a user. True when there was one to end. */
    async revoke(
      which: { id: string } | { userId: string },
      because: 'LOGGED_OUT' | 'REUSED',
      now: Date,
    ): Promise<boolean> {
      const [{ count }] = await db.$transaction([
        db.session.updateMany({
          where: { ...which, revokedAt: null },
          data: { revokedAt: now, revokedBecause: because },
        }),
        raiseRightsVersion(db),
      ])
      return count > 0
    },

    async isLive(id: string): Promise<boolean> {
      return (await db.session.count({ where: { id, revokedAt: null } })) === 1
    },

    /** The session of a refresh token that can still be used; null for any other. */
    findByRefreshToken(hash: string, now: Date) {
      return db.refreshToken.findFirst({
        where: { hash, usedAt: null, expiresAt: { gt: now }, session: { revokedAt: null } },
        select: { expiresAt: true, session: { select: { id: true, userId: true } } },
      })
    },

    /** Forgets refresh tokens that expired and sessions that have none left. */
    async sweep(now: Date): Promise<void> {
      await db.refreshToken.deleteMany({ where: { expiresAt: { lt: now } } })
      await db.session.deleteMany({ where: { accessExpiresAt: { lt: now }, refreshTokens: { none: {} } } })
    },
  }
}
