import { createLru } from '@mall/service/lru'
import type { Redis } from '@mall/service/redis'
import { decideGrant, type Grant, type Usage, type Want } from './window.ts'

/** Where use is counted. */
export interface Store {
  /** Grants and counts in one step. Rejects when the store cannot be reached. */
  take(want: Want): Promise<Grant>
}

/** Keys that are counted at once; the one used longest ago is forgotten. */
const MAX_KEYS = 50_000

/** Counts in this process alone. */
export function createMemoryStore(now: () => number = Date.now): Store {
  const counters = createLru<string, { readonly index: number } & Omit<Usage, 'elapsed'>>(MAX_KEYS)
  return {
    take(want) {
      const { key, window } = want
      const index = Math.floor(now() / window)
      const known = counters.get(key)
      const isPresent = known?.index === index
      const usage: Usage = {
        current: isPresent ? known.current : 0,
        previous: isPresent ? known.previous : known?.index === index - 1 ? known.current : 0,
        elapsed: now() - index * window,
      }
      const grant = decideGrant(usage, want)
      if (grant.granted > 0)
        counters.set(key, { index, current: usage.current + grant.granted, previous: usage.previous })
      return Promise.resolve(grant)
    },
  }
}

/** The same as `decideGrant`, where the counts are; by the clock of Redis, which all routers share. */
const script = `
  local need, want, limit, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
  local time = redis.call('time')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local index = math.floor(now / window)
  local known = redis.call('hmget', KEYS[1], 'index', 'current', 'previous')
  local current, previous = 0, 0
  if tonumber(known[1]) == index then
    current, previous = tonumber(known[2]), tonumber(known[3])
  elseif tonumber(known[1]) == index - 1 then
    previous = tonumber(known[2])
  end
  local elapsed = now - index * window
  local free = limit - current - previous * (window - elapsed) / window
  local granted = 0
  if free >= need then
    granted = math.min(want, math.floor(free))
    redis.call('hset', KEYS[1], 'index', index, 'current', current + granted, 'previous', previous)
    redis.call('pexpire', KEYS[1], 2 * window)
  end
  return { granted, current, previous, elapsed }
`

/** Counts in Redis, for all routers together. */
export function createRedisStore(redis: Redis): Store {
  return {
    async take(want) {
      const { key, need, limit, window } = want
      const answer: unknown = await redis.eval(script, 1, key, need, want.want, limit, window)
      const [granted = 0, current = 0, previous = 0, elapsed = 0] = Array.isArray(answer)
        ? answer.map(Number)
        : []
      if (granted > 0) return { granted, retryAfter: 0 }
      const { retryAfter } = decideGrant({ current, previous, elapsed }, want)
      return { granted: 0, retryAfter }
    },
  }
}
