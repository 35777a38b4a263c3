import type { Viewer } from '@mall/access'
import { z } from 'zod'
import type { Logger } from './logger.ts'
import { closeRedis, createRedis } from './redis.ts'
import type { Redis } from './redis.ts'

/** Who may do what at present, as users publishes it (docs/architecture.md, "Rights"). */
export interface RightsSnapshot {
  /** Only grows; an older snapshot never replaces a newer one. */
  readonly version: number
  readonly roles: Readonly<Record<string, readonly string[]>>
  /** Users whose roles changed since their oldest living token; overrides the token's roles. */
  readonly users: Readonly<Record<string, readonly string[]>>
  /** Session id → epoch milliseconds when its newest access token expires by itself. */
  readonly revokedSessions: Readonly<Record<string, number>>
}

/** What of an access token's claims decides about rights. */
export interface TokenClaims {
  readonly sub: string
  readonly sid: string
  readonly roles: readonly string[]
}

export interface RightsReader {
  /** Resolves when the first snapshot has been read. */
  readonly ready: Promise<void>
  isReady(): boolean
  /**
   * The viewer with the scopes of this moment, the same object for the same claims while nothing changes; null when the
   * session was revoked, or before the first snapshot.
   */
  viewerOf(claims: TokenClaims): Viewer | null
  /** Called after each new snapshot. */
  onChange(listener: (snapshot: RightsSnapshot) => void): () => void
  close(): Promise<void>
}

export const RIGHTS_KEY = 'rights:snapshot'
export const RIGHTS_CHANNEL = 'rights:changed'

/** A safety net below the announcements, for a connection that is dead without saying so. Milliseconds. */
const RELOAD_INTERVAL_MS = 5_000

const snapshotSchema = z.object({
  version: z.number(),
  roles: z.record(z.string(), z.array(z.string())),
  users: z.record(z.string(), z.array(z.string())),
  revokedSessions: z.record(z.string(), z.number()),
})

/** Two instances may publish at once: whoever read the database later has the higher version and stays. */
const publishScript = `
  local present = redis.call('get', KEYS[1])
  if present and cjson.decode(present).version > tonumber(ARGV[2]) then return 0 end
  redis.call('set', KEYS[1], ARGV[1])
  redis.call('publish', ARGV[3], ARGV[2])
  return 1
`

/** Stores and announces a snapshot, unless a newer one is stored. True when it was stored. */
export async function publishRights(redis: Redis, snapshot: RightsSnapshot): Promise<boolean> {
  const text = JSON.stringify(snapshot)
  return (await redis.eval(publishScript, 1, RIGHTS_KEY, text, snapshot.version, RIGHTS_CHANNEL)) === 1
}

/** Follows the snapshot: subscribes first, then loads, and loads again on each announcement and reconnect. */
export function createRightsReader({
  redisUrl,
  logger,
}: {
  readonly redisUrl: string
  readonly logger: Logger
}): RightsReader {
  const redis = createRedis(redisUrl, logger)
  const subscriber = createRedis(redisUrl, logger, { maxRetriesPerRequest: null })
  const listeners = new Set<(snapshot: RightsSnapshot) => void>()
  const first = Promise.withResolvers<void>()
  let current: RightsSnapshot | null = null
  let closed = false
  /** By the claims, as long as the snapshot is the same. */
  let viewers = new WeakMap<TokenClaims, Viewer | null>()

  subscriber.on('message', () => void load())
  // On every connect, and loaded only when the subscription stands: no change falls between the two.
  subscriber.on('ready', () => {
    subscriber.subscribe(RIGHTS_CHANNEL).then(load, (error: unknown) => {
      if (!closed) logger.error({ error }, 'subscribing to changes of rights failed')
    })
  })
  const timer = setInterval(() => void load(), RELOAD_INTERVAL_MS).unref()

  return {
    ready: first.promise,
    isReady: () => current !== null,
    viewerOf(claims) {
      const known = viewers.get(claims)
      if (known !== undefined || !current) return known ?? null
      const viewer = viewerIn(current, claims)
      viewers.set(claims, viewer)
      return viewer
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      closed = true
      clearInterval(timer)
      await Promise.all([closeRedis(redis), closeRedis(subscriber)])
    },
  }

  async function load(): Promise<void> {
    try {
      const text = await redis.get(RIGHTS_KEY)
      if (text === null) return
      const snapshot = snapshotSchema.parse(JSON.parse(text))
      if (current && snapshot.version <= current.version) return
      current = snapshot
      viewers = new WeakMap()
      first.resolve()
      for (const listener of listeners) listener(snapshot)
    } catch (error) {
      if (!closed) logger.error({ error }, 'reading the snapshot of rights failed; the last one stays')
    }
  }
}

/** The viewer that a token stands for under a snapshot; null when its session was revoked. */
export function viewerIn(snapshot: RightsSnapshot, { sub, sid, roles: claimed }: TokenClaims): Viewer | null {
  if (Object.hasOwn(snapshot.revokedSessions, sid)) return null
  const roles = own(snapshot.users, sub) ?? claimed
  const scopes = [...new Set(roles.flatMap((role) => own(snapshot.roles, role) ?? []))]
  return { id: sub, roles: [...roles], scopes, sessionId: sid }
}

/** Role names and ids come from outside: `constructor` must not be found on the prototype. */
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
