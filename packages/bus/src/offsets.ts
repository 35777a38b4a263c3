import type { Logger } from '@mall/service/logger'
import type { Offsets } from 'kafkajs'

/** How often positions are committed, in milliseconds: awaiting it after every batch would cost 5 ms a hop. */
const commitEveryMs = 500

/** The positions of a consumer: committed from a timer, never ahead of what is done. */
export interface PositionKeeper {
  /** Says that everything up to and including an offset is done. */
  done(topic: string, partition: number, offset: string): void
  /** Commits what is done. Resolves also when that fails: the next commit tries again. */
  commit(): Promise<void>
  /** Commits once more what is done, then forgets it: its partitions may be someone else's. */
  handOver(): void
  /** Commits what is done and stops the timer. */
  close(): Promise<void>
}

/** Remembers what is done and commits it from a timer. A crash delivers the last half second again, as agreed. */
export function createPositionKeeper(
  commitOffsets: (offsets: Offsets) => Promise<void>,
  logger: Logger,
): PositionKeeper {
  const next = new Map<string, { topic: string; partition: number; offset: string }>()
  let committing: Promise<void> | null = null
  const timer = setInterval(() => void commit(), commitEveryMs)
  return {
    done(topic, partition, offset) {
      next.set(`${topic}/${partition}`, { topic, partition, offset: String(BigInt(offset) + 1n) })
    },
    commit,
    handOver() {
      void send()
      next.clear()
    },
    async close() {
      clearInterval(timer)
      await committing
      await commit()
    },
  }

  // One at a time, so that an older position never arrives after a newer one.
  async function commit(): Promise<void> {
    committing ??= send().finally(() => (committing = null))
    await committing
  }

  async function send(): Promise<void> {
    const due = [...next]
    if (due.length === 0) return
    try {
      await commitOffsets({ topics: grouped(due.map(([, position]) => position)) })
      for (const [name, position] of due) if (next.get(name) === position) next.delete(name)
    } catch (error) {
      // The group was rebalanced or the broker is away; whoever has the partition starts from the last commit.
      logger.warn({ error }, 'positions could not be committed')
    }
  }
}

function grouped(positions: readonly { topic: string; partition: number; offset: string }[]) {
  return [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, list]) => ({
    topic,
    partitions: list.map(({ partition, offset }) => ({ partition, offset })),
  }))
}
