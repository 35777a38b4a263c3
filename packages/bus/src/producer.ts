import type { Message } from '@mall/contracts'
import { createBatcher } from '@mall/service/batcher'
import type { SecretKey } from '@mall/service/config'
import { Partitioners, type Kafka, type Message as KafkaMessage, type Producer } from 'kafkajs'
import { header, signatureOf } from './signature.ts'

/** What is sent as it is, such as to a dead-letter topic. */
export interface RawMessage {
  topic: string
  key: Buffer | string | null
  value: Buffer | null
  headers: Record<string, string>
}

/** Sends messages; each call resolves when all its messages are acknowledged by all in-sync replicas. */
export interface BusProducer {
  publish(messages: readonly Message[]): Promise<void>
  publishRaw(messages: readonly RawMessage[]): Promise<void>
  close(): Promise<void>
}

/**
 * One request is in flight at a time; what is published meanwhile goes out together with the next. That keeps the order
 * of messages without kafkajs's idempotent producer, which dies on out-of-order sequence numbers.
 */
export async function createProducer(
  kafka: Kafka,
  { signingKeys, region }: { signingKeys: readonly SecretKey[]; region: string },
): Promise<BusProducer> {
  const [signingKey] = signingKeys
  if (!signingKey) throw new Error('The bus needs a key to sign events with')
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  })
  await producer.connect()
  const send = createBatcher<readonly RawMessage[], void>({
    concurrency: 1,
    maxItems: 500,
    run: async (batches) => {
      await sendAll(producer, batches.flat())
      return batches.map(() => undefined)
    },
  })
  return {
    publish: async (messages) => {
      if (messages.length > 0) await send(messages.map((message) => sign(message, signingKey, region)))
    },
    publishRaw: async (messages) => {
      if (messages.length > 0) await send(messages)
    },
    close: () => producer.disconnect(),
  }
}

function sign({ topic, key, event }: Message, signingKey: SecretKey, region: string): RawMessage {
  const value = Buffer.from(JSON.stringify(event))
  const headers = {
    [header.eventId]: event.id,
    [header.traceId]: event.correlationId,
    [header.region]: region,
    [header.keyId]: signingKey.id,
  }
  const signature = signatureOf({ topic, key, headers, value }, signingKey.secret)
  return { topic, key, value, headers: { ...headers, [header.signature]: signature } }
}

async function sendAll(producer: Producer, messages: readonly RawMessage[]): Promise<void> {
  const byTopic = new Map<string, KafkaMessage[]>()
  for (const { topic, key, value, headers } of messages) {
    const list = byTopic.get(topic) ?? []
    list.push({ key, value, headers })
    byTopic.set(topic, list)
  }
  await producer.sendBatch({
    acks: -1,
    topicMessages: [...byTopic].map(([topic, list]) => ({ topic, messages: list })),
  })
}
