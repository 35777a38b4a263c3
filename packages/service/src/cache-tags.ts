import type { Redis } from './redis.ts'

/** Longer than routers keep an answer, in seconds. */
const REMEMBERED_FOR = 86_400

/** The key of a tag's version, which routers compare with that of what they have kept. */
export const cacheTagKey = (tag: string): string => `cache:tag:${tag}`

/**
 * Makes routers forget what they have kept under these tags (`@cacheTag`), from the next request on. Call it when the
 * change can be read, not before: what is fetched in between would be kept.
 */
export async function invalidateCacheTags(redis: Redis, tags: readonly string[]): Promise<void> {
  await Promise.all(
    tags.map((tag) => redis.multi().incr(cacheTagKey(tag)).expire(cacheTagKey(tag), REMEMBERED_FOR).exec()),
  )
}
