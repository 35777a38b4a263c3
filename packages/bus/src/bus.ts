import './kafkajs-on-node-24.ts'
import type { Message } from '@mall/contracts'
import type { SecretKey } from '@mall/service/config'
import type { Logger } from '@mall/service/logger'
import { Kafka, logLevel, type LogEntry } from 'kafkajs'
import { startConsumer, type BusConsumer, type ConsumeOptions } from './consumer.ts'
import type { Patience } from './handling.ts'
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
  patience?: Partial<Patience>
}

/** Events between subgraphs: signed, in order per key, at least once. The only way to Kafka. */
export interface Bus {
  /** Resolves when the broker has acknowledged all; rejects when it is away for long: senders have a sweeper. */
  publish(messages: readonly Message[]): Promise<void>
  consume(options: ConsumeOptions): Promise<BusConsumer>
  ensureTopics(topics: readonly TopicPlan[], options?: { partitions?: number }): Promise<void>
  /** Stops all consumers, then leaves. */
  close(): Promise<void>
}

/** Connects to Kafka; waits for a broker that is just starting. */
export async function createBus(options: BusOptions): Promise<Bus> {
  const { brokers, clientId, logger, signingKeys, region } = options
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    logCreator: () => (entry) => forward(entry, logger),
    logLevel: logLevel.WARN,
    retry: { retries: 60, initialRetryTime: 100, maxRetryTime: 1_000 },
  })
  const admin = kafka.admin()
  await admin.connect()
  const producer = await createProducer(kafka, { signingKeys, region })
  const consumers: BusConsumer[] = []
  const patience: Patience = { maxDelayMs: 5_000, maxTries: 100, ...options.patience }
  return {
    publish: (messages) => producer.publish(messages),
    async consume(consume) {
      const consumer = await startConsumer(consume, { kafka, admin, producer, signingKeys, logger, patience })
      consumers.push(consumer)
      return consumer
    },
    ensureTopics: (plans, partitions) => ensureTopics(admin, plans, partitions),
    async close() {
      await Promise.all(consumers.map((consumer) => consumer.stop()))
      await producer.close()
      await admin.disconnect()
    },
  }
}

function forward({ level, namespace, log: { message, error } }: LogEntry, logger: Logger): void {
  if (level === logLevel.ERROR) logger.warn({ namespace, reason: String(error ?? '') }, message)
  else logger.debug({ namespace }, message)
}
