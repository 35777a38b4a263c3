import type { Logger } from '@mall/service/logger'
import type { Consumer } from 'kafkajs'

/** How often positions are committed, in milliseconds: awaiting it after every batch would cost 5 ms a hop. */
const commitEveryMs = 500

/**
 * Remembers what is done and commits it from a timer. Never ahead of what is done: a crash delivers at most the last
 * half second again, to consumers that expect it.
 */
export function createOffsets(consumer: Consumer, logger: Logger) {
  const positions = new Map<string, { topic: string; partition: number; offset: string }>()
  const timer = setInterval(() => void commit(), commitEveryMs)
  // After a rebalance a partition may be someone else's; a stale position must not be committed over theirs.
  consumer.on(consumer.events.REBALANCING, () => positions.clear())
  return {
    done(topic: string, partition: number, offset: string): void {
      positions.set(`${topic}/${partition}`, { topic, partition, offset: String(BigInt(offset) + 1n) })
    },
    async close(): Promise<void> {
      clearInterval(timer)
      await commit()
    },
  }

  async function commit(): Promise<void> {
    if (positions.size === 0) return
    const due = [...positions.values()]
    positions.clear()
    try {
      await consumer.commitOffsets(due)
    } catch (error) {
      // The group was rebalanced or the broker is away; whoever has the partition starts from the last commit.
      logger.warn({ error }, 'positions could not be committed')
    }
  }
}
