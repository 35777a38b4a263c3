import type { Message } from '@mall/contracts'
import type { SecretKey } from '@mall/service/config'
import type { Logger } from '@mall/service/logger'
import { startConsumer, type BusConsumer, type ConsumeOptions, type SessionOptions } from './consumer.ts'
import { createCounters, type Counts } from './counters.ts'
import type { Patience } from './handling.ts'
import { connectKafka } from './kafka.ts'
import { createNames } from './names.ts'
import { createProducer } from './producer.ts'
import { ensureTopics, type TopicPlan } from './topics.ts'

/** How to reach the broker and what to sign with. */
export interface BusOptions {
  /** `host:port`. */
  brokers: readonly string[]
  clientId: string
  /** The first signs, all verify. */
  signingKeys: readonly SecretKey[]
  /** Where this process runs; travels with every event. */
  region: string
  logger: Logger
  /** Stands before every topic and group at the broker. @default '' */
  namespace?: string
  /** How long and how often failing handlers are tried. */
  patience?: Partial<Patience>
  /** How long a publish waits for a broker that is away, in milliseconds. @default 30000 */
  publishPatienceMs?: number
  session?: Partial<SessionOptions>
}

/** Events between subgraphs: signed, in order per key, at least once. The only way to Kafka. */
export interface Bus {
  /**
   * Resolves when the broker has acknowledged all. Throws PublishError: retriable when the broker is away for long
   * (senders have a sweeper), not retriable when a message is too large.
   */
  publish(messages: readonly Message[]): Promise<void>
  consume(options: ConsumeOptions): Promise<BusConsumer>
  /** @default partitions 3 */
  ensureTopics(topics: readonly TopicPlan[], options?: { partitions?: number }): Promise<void>
  /** What became of messages since the start. */
  counts(): Counts
  /** Stops all consumers, then leaves. */
  close(): Promise<void>
}

/** Connects to Kafka; waits about a minute for a broker that is just starting, then throws. */
export async function createBus(options: BusOptions): Promise<Bus> {
  const { brokers, clientId, logger, namespace, signingKeys, region, publishPatienceMs = 30_000 } = options
  const kafka = connectKafka({ brokers, clientId, logger })
  const names = createNames(namespace)
  const counters = createCounters()
  const admin = kafka.admin()
  await admin.connect()
  const producer = await createProducer(kafka, {
    signingKeys,
    region,
    names,
    counters,
    patienceMs: publishPatienceMs,
  })
  const consumers: BusConsumer[] = []
  const patience = { maxDelayMs: 5_000, maxTriesTogether: 5, maxTries: 100, ...options.patience }
  const session = { timeoutMs: 3_000, heartbeatMs: 500, ...options.session }
  return {
    publish: producer.publish,
    async consume(consume) {
      const shared = { kafka, admin, producer, signingKeys, logger, names, counters, patience, session }
      const consumer = await startConsumer(consume, shared)
      consumers.push(consumer)
      return consumer
    },
    ensureTopics: (plans, partitions) => ensureTopics({ admin, names }, plans, partitions),
    counts: counters.read,
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.stop()))
      await producer.close()
      await admin.disconnect()
    },
  }
}
