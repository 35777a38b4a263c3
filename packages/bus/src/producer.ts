import type { Message } from '@mall/contracts'
import { createBatcher } from '@mall/service/batcher'
import type { SecretKey } from '@mall/service/config'
import { Partitioners, type Kafka, type Message as KafkaMessage, type Producer } from 'kafkajs'
import type { Counters } from './counters.ts'
import type { Names } from './names.ts'
import { header, signatureOf } from './signature.ts'

/** What is sent as it is, such as to a dead-letter topic; the topic as the broker calls it. */
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
  /** Waits for what is being sent, but not for a broker that is away. */
  close(): Promise<void>
}

/**
 * Thrown when messages were not acknowledged. They may have arrived nevertheless, so that sending them again is right
 * when `retriable`; otherwise they can never be sent.
 */
export class PublishError extends Error {
  override readonly name = 'PublishError'
  readonly retriable: boolean
  constructor(message: string, { retriable, cause }: { retriable: boolean; cause?: unknown }) {
    super(message, { cause })
    this.retriable = retriable
  }
}

export interface ProducerOptions {
  signingKeys: readonly SecretKey[]
  region: string
  names: Names
  counters: Counters
  /** How long a publish waits for the broker, in milliseconds. */
  patienceMs: number
}

const maxMessagesPerRequest = 500
/** Kafka takes a megabyte for a partition's part of a request; one partition may get all of it. */
const maxBytesPerRequest = 900_000
const closeWaitMs = 5_000

/**
 * One request is in flight at a time; what is published meanwhile goes out together with the next. That keeps the order
 * of messages without kafkajs's idempotent producer, which dies on out-of-order sequence numbers.
 */
export async function createProducer(kafka: Kafka, options: ProducerOptions): Promise<BusProducer> {
  const { counters, names, patienceMs, region } = options
  const [signingKey] = options.signingKeys
  if (!signingKey) throw new Error('The bus needs a key to sign events with')
  const producer = plainProducer(kafka)
  await producer.connect()
  let isClosing = false
  const sendNext = createBatcher<Parcel, void>({
    concurrency: 1,
    maxItems: maxMessagesPerRequest,
    weigh: ({ weight }) => weight,
    run: async (parcels) => {
      // Who gave up waiting sends again; sending theirs too would bury a broker that has just come back.
      const messages = parcels.filter(({ isAbandoned }) => !isAbandoned).flatMap((parcel) => parcel.messages)
      if (messages.length > 0) await sendAsTheyAre(producer, messages)
      return parcels.map(() => undefined)
    },
  })
  const sendAll = async (messages: readonly RawMessage[]) => {
    if (isClosing) throw new PublishError('The bus is closing', { retriable: true })
    await Promise.all(pack(messages).map((parcel) => waitAtMost(patienceMs, parcel, sendNext(parcel))))
  }
  return {
    async publish(messages) {
      const topic = (name: string) => names.outside(name)
      await sendAll(messages.map((message) => sign(message, topic(message.topic), signingKey, region)))
      counters.add(
        'published',
        messages.map((message) => message.topic),
      )
    },
    publishRaw: sendAll,
    async close() {
      isClosing = true
      const last: Parcel = { messages: [], weight: 0, isAbandoned: false }
      await waitAtMost(closeWaitMs, last, sendNext(last)).catch(() => {})
      await producer.disconnect()
    },
  }
}

/** A producer of kafkajs, the same wherever we send: the key alone decides the partition. */
export const plainProducer = (kafka: Kafka): Producer =>
  kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
  })

/** Sends messages in one request, unchanged. Throws PublishError. */
export async function sendAsTheyAre(producer: Producer, messages: readonly RawMessage[]): Promise<void> {
  try {
    await producer.sendBatch({ acks: -1, topicMessages: byTopic(messages) })
  } catch (cause) {
    // kafkajs says "not retriable" when it has no retries left; for a sender that means: later.
    throw new PublishError('The broker did not take the messages', { retriable: true, cause })
  }
}

/** Messages that go out in one request. */
interface Parcel {
  readonly messages: readonly RawMessage[]
  /** In messages of the request's bound, so that bytes and messages are bounded by one figure. */
  readonly weight: number
  isAbandoned: boolean
}

function pack(messages: readonly RawMessage[]): Parcel[] {
  const parcels: { messages: RawMessage[]; weight: number; isAbandoned: boolean }[] = []
  for (const message of messages) {
    const weight = weightOf(message)
    const last = parcels.at(-1)
    if (last && last.weight + weight <= maxMessagesPerRequest) {
      last.messages.push(message)
      last.weight += weight
    } else parcels.push({ messages: [message], weight, isAbandoned: false })
  }
  return parcels
}

function weightOf({ topic, key, value, headers }: RawMessage): number {
  const texts = Object.entries(headers).flat()
  const bytes = (value?.length ?? 0) + (key?.length ?? 0) + texts.reduce((sum, text) => sum + text.length, 0)
  if (bytes > maxBytesPerRequest)
    throw new PublishError(`A message for ${topic} has ${bytes} bytes, more than ${maxBytesPerRequest}`, {
      retriable: false,
    })
  return Math.max(1, (bytes / maxBytesPerRequest) * maxMessagesPerRequest)
}

function sign({ key, event }: Message, topic: string, signingKey: SecretKey, region: string): RawMessage {
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

function byTopic(messages: readonly RawMessage[]): { topic: string; messages: KafkaMessage[] }[] {
  const lists = Map.groupBy(messages, ({ topic }) => topic)
  return [...lists].map(([topic, list]) => ({
    topic,
    messages: list.map(({ key, value, headers }) => ({ key, value, headers })),
  }))
}

async function waitAtMost(ms: number, parcel: Parcel, sent: Promise<void>): Promise<void> {
  const { promise: tooLong, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    parcel.isAbandoned = true
    reject(new PublishError(`The broker did not acknowledge within ${ms} ms`, { retriable: true }))
  }, ms)
  try {
    await Promise.race([sent, tooLong])
  } finally {
    clearTimeout(timer)
  }
}
