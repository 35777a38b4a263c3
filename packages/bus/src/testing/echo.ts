import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@mall/service/logger'
import { connectKafka } from '../kafka.ts'
import { plainProducer, sendAsTheyAre, type RawMessage } from '../producer.ts'
import { headersOf } from '../received.ts'
import { header } from '../signature.ts'

/** Repeats messages as they are. */
export interface Echo {
  /** How many were repeated. */
  count(): number
  /** Hears nothing more, and resolves when all that was heard and chosen has been repeated. */
  stop(): Promise<void>
}

/**
 * Publishes a share of all messages of some topics once more, unchanged and with their first signature, a while later:
 * deliveries at least once, far rougher than a broker gives them by itself. A copy is not repeated again.
 */
export async function startEcho(options: {
  brokers: readonly string[]
  logger: Logger
  topics: readonly string[]
  /** From 0 to 1. */
  share: number
  /** A copy follows its original within this time. */
  withinMs: number
}): Promise<Echo> {
  const { topics, share, withinMs } = options
  const kafka = connectKafka({ ...options, clientId: 'echo' })
  const producer = plainProducer(kafka)
  const consumer = kafka.consumer({
    groupId: `echo-${process.pid}-${Date.now()}`,
    sessionTimeout: 6_000,
    retry: { retries: 1_000, initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: async () => true },
  })
  const chosen = new Set<string>()
  const pending = new Set<Promise<void>>()
  let count = 0
  await Promise.all([producer.connect(), consumer.connect()])
  await consumer.subscribe({ topics: [...topics], fromBeginning: false })
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const headers = headersOf({ topic, partition, message }.message)
      const id = headers[header.eventId]
      if (id === undefined || chosen.has(id) || Math.random() >= share) return
      chosen.add(id)
      const work = repeat({ topic, key: message.key, value: message.value, headers }).finally(() =>
        pending.delete(work),
      )
      pending.add(work)
    },
  })
  return {
    count: () => count,
    async stop() {
      await consumer.disconnect()
      await Promise.all(pending)
      await producer.disconnect()
    },
  }

  async function repeat(message: RawMessage): Promise<void> {
    await sleep(Math.random() * withinMs)
    for (;;)
      try {
        await sendAsTheyAre(producer, [message])
        count += 1
        return
      } catch {
        await sleep(200)
      }
  }
}
