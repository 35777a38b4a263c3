import type { Redis } from 'ioredis'

// Text of an order: `{orders:cache}:<id>`. `{orders:cache}:second-delete` is a sorted set of the ids that must be
// deleted once more, by when, on Redis' clock. All keys share a hash tag, so that the scripts also run on a cluster.
const prefix = '{orders:cache}'
const dueKey = `${prefix}:second-delete`
const keyOf = (id: bigint) => `${prefix}:${id}`

/** What the cache has of one order. Pending: it was deleted a moment ago and will be once more. */
export interface Cached {
  text: string | null
  isPending: boolean
}

/** The cache's keys in Redis. Every call is one round trip, and throws when Redis does not answer in time. */
export type OrderCacheStore = ReturnType<typeof createOrderCacheStore>

export function createOrderCacheStore(redis: Redis) {
  redis.defineCommand('orderCacheRead', { lua: readScript })
  redis.defineCommand('orderCacheForget', { numberOfKeys: 1, lua: forgetScript })
  redis.defineCommand('orderCacheDeleteDue', { numberOfKeys: 1, lua: deleteDueScript })
  const scripts = redis as Redis & CacheScripts

  return {
    async read(ids: readonly bigint[]): Promise<Cached[]> {
      const keys = [dueKey, ...ids.map(keyOf)]
      const [texts, due] = await scripts.orderCacheRead(keys.length, ...keys, ...ids.map(String))
      return ids.map((_, i) => ({ text: texts[i] ?? null, isPending: typeof due[i] === 'string' }))
    },

    /** Keeps texts for a time. A fill that comes late must not replace the newer text of another. */
    async fill(entries: readonly { id: bigint; text: string; ttlMs: number }[]): Promise<void> {
      const pipeline = redis.pipeline()
      for (const { id, text, ttlMs } of entries) pipeline.set(keyOf(id), text, 'PX', ttlMs, 'NX')
      await pipeline.exec()
    },

    /** The first delete, and the note of the second: both or neither. */
    async forget(ids: readonly bigint[], secondDeleteAfterMs: number): Promise<void> {
      await scripts.orderCacheForget(dueKey, prefix, secondDeleteAfterMs, ...ids.map(String))
    },

    /** Does second deletes that are due, up to a number of them; answers how many there were. */
    deleteDue: (limit: number): Promise<number> => scripts.orderCacheDeleteDue(dueKey, prefix, limit),
  }
}

interface CacheScripts {
  orderCacheRead(
    keyCount: number,
    ...keysAndIds: string[]
  ): Promise<[texts: (string | null)[], due: (string | null)[]]>
  orderCacheForget(dueKey: string, prefix: string, afterMs: number, ...ids: string[]): Promise<null>
  orderCacheDeleteDue(dueKey: string, prefix: string, limit: number): Promise<number>
}

// One moment for both, so that an order is never found after its second delete was done and before it is seen to be.
const readScript = `
local texts = {}
for i = 2, #KEYS do texts[i - 1] = redis.call('get', KEYS[i]) end
return { texts, redis.call('zmscore', KEYS[1], unpack(ARGV)) }
`

const nowMs = `
local time = redis.call('time')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

const forgetScript = `${nowMs}
for i = 3, #ARGV do
  redis.call('zadd', KEYS[1], now + ARGV[2], ARGV[i])
  redis.call('unlink', ARGV[1] .. ':' .. ARGV[i])
end
`

const deleteDueScript = `${nowMs}
local due = redis.call('zrange', KEYS[1], '-inf', now, 'byscore', 'limit', 0, ARGV[2])
for _, id in ipairs(due) do
  redis.call('unlink', ARGV[1] .. ':' .. id)
  redis.call('zrem', KEYS[1], id)
end
return #due
`
