import { cacheTagKey } from '@mall/service/cache-tags'
import type { Redis } from '@mall/service/redis'

/** Something that may be kept: what it is called, and the tags by which it is invalidated. */
export interface Entry {
  readonly key: string
  readonly tags: readonly string[]
}

/** What was read of entries: the JSON of those that are there and valid, and what it takes to write the others. */
export interface Read {
  readonly texts: readonly (string | undefined)[]
  /** Keeps JSON for an entry, by its index, for so many seconds; unless a tag of it is invalidated meanwhile. */
  write(index: number, text: string, seconds: number): void
}

const PREFIX = 'cache:answer:'

/**
 * Reads entries and the versions of their tags at once. A stored entry says which versions it was made at; versions are
 * read before an answer is fetched, so that what is invalidated while it is under way is never valid.
 */
export async function readEntries(redis: Redis, entries: readonly Entry[]): Promise<Read> {
  const tags = [...new Set(entries.flatMap((entry) => entry.tags))]
  const found = await redis.mget(
    ...entries.map(({ key }) => PREFIX + key),
    ...tags.map((tag) => cacheTagKey(tag)),
  )
  const versions = new Map(tags.map((tag, index) => [tag, found[entries.length + index] ?? '0']))
  const stamps = entries.map((entry) => entry.tags.map((tag) => versions.get(tag)).join())
  return {
    texts: entries.map((_, index) => {
      const stored = found[index]
      const stamp = stamps[index] ?? ''
      return stored?.startsWith(`${stamp}\n`) ? stored.slice(stamp.length + 1) : undefined
    }),
    write(index, text, seconds) {
      const key = PREFIX + (entries[index]?.key ?? '')
      // Nobody waits for it, and an answer that was not kept is fetched again.
      redis.set(key, `${stamps[index] ?? ''}\n${text}`, 'EX', seconds).catch(() => undefined)
    },
  }
}
