import type { OrderCacheStore } from './order-cache-store.ts'

/** Orders deleted by one statement to Redis. */
const batch = 500
/** How often to look for what another instance left behind. */
const pollMs = 1_000
/** How often at most to look for our own. */
const everyMs = 100

/**
 * Delayed double delete. A reader that misses reads the old row just before a change is committed, and fills just after
 * the delete that follows the commit; the second delete removes that. It is noted in Redis with the first, in one step,
 * so it survives the process that noted it: every instance does all that are due.
 *
 * What can keep an old order in the cache for longer is bounded by its time to live: a process that dies between commit and
 * first delete (the broker then delivers its event again, and that deletes, too); Redis losing its last second by a
 * power loss, notes and deletes together; a reader that stalls between reading and filling. Should Redis only be away
 * from here, this instance remembers what it owes for as long as it can matter.
 */
export function createSecondDeletes(options: {
  store: Pick<OrderCacheStore, 'forget' | 'deleteDue'>
  /** When the second delete is due, in milliseconds after the first. */
  afterMs: number
  /** After this long nothing is left to delete. */
  longestTtlMs: number
}) {
  const { store, afterMs, longestTtlMs } = options
  /** What Redis could not be told, until when it matters. */
  const owed = new Map<bigint, number>()
  let isStarted = false
  let lastDue = 0
  let timer: NodeJS.Timeout | undefined

  return {
    async forget(ids: readonly bigint[]): Promise<void> {
      if (ids.length === 0) return
      try {
        await store.forget(ids, afterMs)
        lastDue = Date.now() + afterMs
        schedule(afterMs)
      } catch {
        for (const id of ids) owed.set(id, Date.now() + longestTtlMs)
      }
    },

    areOwed: () => owed.size > 0,

    start(): () => void {
      isStarted = true
      const poll = setInterval(() => void workOff(), pollMs)
      void workOff()
      return () => {
        isStarted = false
        clearInterval(poll)
        clearTimeout(timer)
      }
    },
  }

  function schedule(inMs: number): void {
    if (!isStarted || timer) return
    timer = setTimeout(() => void afterwards(), inMs + 5)
  }

  /** One timer serves all that were deleted meanwhile. */
  async function afterwards(): Promise<void> {
    const begun = Date.now()
    await workOff()
    timer = undefined
    if (lastDue >= begun) schedule(Math.min(Math.max(lastDue - Date.now(), 0), everyMs))
  }

  async function workOff(): Promise<void> {
    try {
      await payOwed()
      while ((await store.deleteDue(batch)) === batch);
    } catch {
      // The next round tries again; that Redis is away is logged by who reads.
    }
  }

  async function payOwed(): Promise<void> {
    const now = Date.now()
    for (const [id, until] of owed) if (until < now) owed.delete(id)
    const paid = [...owed].slice(0, batch)
    if (paid.length === 0) return
    await store.forget(
      paid.map(([id]) => id),
      afterMs,
    )
    // Unless it was changed again meanwhile.
    for (const [id, until] of paid) if (owed.get(id) === until) owed.delete(id)
    await payOwed()
  }
}
