import { createHash } from 'node:crypto'
import type { Redis } from '@mall/service/redis'

/** Counts wrong passwords per login, in all instances together. */
export interface Attempts {
  /** Seconds until this login may be tried again; 0 when it may be now. */
  blockedFor(login: string): Promise<number>
  /** Counts a wrong password; true when it was one too many. */
  recordFailure(login: string): Promise<boolean>
  clear(login: string): Promise<void>
}

export function createAttempts(
  redis: Redis,
  { maxAttempts, windowSeconds }: { readonly maxAttempts: number; readonly windowSeconds: number },
): Attempts {
  return {
    async blockedFor(login) {
      const key = keyOf(login)
      if (Number(await redis.get(key)) < maxAttempts) return 0
      return Math.max(1, await redis.ttl(key))
    },

    async recordFailure(login) {
      const key = keyOf(login)
      // The window begins with the first failure and does not slide: a patient owner gets in.
      const results = await redis.multi().set(key, 0, 'EX', windowSeconds, 'NX').incr(key).exec()
      return Number(results?.[1]?.[1]) > maxAttempts
    },

    async clear(login) {
      await redis.del(keyOf(login))
    },
  }
}

/** Logins are hashed: the keys of a cache are no place for addresses and phone numbers. */
function keyOf(login: string): string {
  return `users:attempts:${createHash('sha256').update(login).digest('base64url')}`
}
