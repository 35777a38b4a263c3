import { ContractError, deadTopicOf, parseEvent, quarantineTopic, type AnyEvent } from '@mall/contracts'
import { createBatcher } from '@mall/service/batcher'
import type { SecretKey } from '@mall/service/config'
import type { Logger } from '@mall/service/logger'
import type { Admin, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { handleWithRetries, StoppedError, type Patience } from './handling.ts'
import { createOffsets } from './offsets.ts'
import type { BusProducer, RawMessage } from './producer.ts'
import { distrust } from './signature.ts'

/** One consumer group and what it does with events. */
export interface ConsumeOptions {
  group: string
  topics: readonly string[]
  /**
   * Gets up to `maxEvents` verified events, in order per partition, whatever partitions they came from. When it
   * resolves, they are done; when it throws, they come again.
   */
  handle(events: readonly AnyEvent[]): Promise<void>
  /** Where a group without a position starts. @default true */
  fromBeginning?: boolean
  /** Most events of one partition in one call. @default 200 */
  maxEvents?: number
}

/** A running consumer. */
export interface BusConsumer {
  /** Commits what is done and leaves the group at once. */
  stop(): Promise<void>
  /** True when the group has nothing left to do that was published before the call. */
  caughtUp(): Promise<boolean>
  /** False after a crash, or when nothing was fetched for 10 s. */
  healthy(): boolean
}

/** What a consumer needs from the bus. */
export interface ConsumerDependencies {
  kafka: Kafka
  admin: Admin
  producer: BusProducer
  signingKeys: readonly SecretKey[]
  logger: Logger
  patience: Patience
}

/** How long a consumer may be silent before its partitions go to another, in milliseconds. */
const sessionTimeout = 3_000
const heartbeatInterval = 1_000
const fetchWaitMs = 1_000
const silentMs = 10_000

/** Joins a group and handles its events until stopped. */
export async function startConsumer(
  options: ConsumeOptions,
  deps: ConsumerDependencies,
): Promise<BusConsumer> {
  const { group, topics, fromBeginning = true, maxEvents = 200 } = options
  const logger = deps.logger.child({ group })
  const consumer = deps.kafka.consumer({
    groupId: group,
    sessionTimeout,
    heartbeatInterval,
    rebalanceTimeout: 6_000,
    maxWaitTimeInMs: fetchWaitMs,
    minBytes: 1,
    allowAutoTopicCreation: false,
    retry: { retries: 1_000, initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: async () => true },
  })
  const offsets = createOffsets(consumer, logger)
  let stopping = false
  let lastSign = Date.now()
  const alive = () => void (lastSign = Date.now())
  consumer.on(consumer.events.FETCH, alive)
  consumer.on(consumer.events.GROUP_JOIN, alive)
  consumer.on(consumer.events.HEARTBEAT, alive)
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    lastSign = 0
    logger.error({ error: payload.error, restart: payload.restart }, 'the consumer crashed')
  })

  // What several partitions deliver at the same time is handled in one call: one commit in the database serves all.
  const handleTogether = createBatcher<readonly Received[], void>({
    concurrency: 1,
    maxItems: 32,
    run: async (slices) => {
      await handleOrBury(slices.flat())
      return slices.map(() => undefined)
    },
  })

  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning })
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 32,
    eachBatch: consumeBatch,
  })

  return {
    healthy: () => Date.now() - lastSign < silentMs,
    caughtUp: () => isCaughtUp(deps.admin, group, topics),
    async stop() {
      stopping = true
      await consumer.stop()
      await offsets.close()
      await consumer.disconnect()
    },
  }

  async function consumeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload
    // A handler may take longer than a session; the group must not take us for dead meanwhile.
    const beat = setInterval(() => void heartbeat().catch(() => {}), heartbeatInterval)
    try {
      for (let from = 0; from < batch.messages.length; from += maxEvents) {
        if (!isRunning() || isStale() || stopping) return
        const slice = batch.messages.slice(from, from + maxEvents)
        await handleTogether(
          slice.map((message) => ({ topic: batch.topic, partition: batch.partition, message })),
        )
        const last = slice.at(-1)
        if (!last) return
        resolveOffset(last.offset)
        offsets.done(batch.topic, batch.partition, last.offset)
      }
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error
    } finally {
      clearInterval(beat)
    }
  }

  async function handleOrBury(received: Received[]): Promise<void> {
    const read = received.map((one) => ({ ...one, ...readTrusted(one, deps.signingKeys) }))
    const refused = read.filter((one) => one.event === null)
    if (refused.length > 0) {
      logger.error(
        { reasons: refused.map(({ reason }) => reason) },
        'messages that cannot be trusted or read',
      )
      await deps.producer.publishRaw(
        refused.map((one) => copyOf(one, quarantineTopic, one.reason ?? 'unknown')),
      )
    }
    const events = read.flatMap((one) => (one.event === null ? [] : [{ ...one, event: one.event }]))
    if (events.length === 0) return
    const poison = await handleWithRetries(events, (some) => options.handle(some.map(({ event }) => event)), {
      ...deps.patience,
      isStopped: () => stopping,
      onRetry: (error, tries) => logger.warn({ error, tries }, 'events could not be handled yet'),
    })
    if (poison.length === 0) return
    for (const { event, error, tries } of poison)
      logger.error({ error, tries, eventId: event.event.id, topic: event.topic }, 'an event is dead')
    await deps.producer.publishRaw(
      poison.map(({ event, error, tries }) =>
        copyOf(event, deadTopicOf(event.topic), describe(error), tries),
      ),
    )
  }
}

interface Received {
  topic: string
  partition: number
  message: KafkaMessage
}

function readTrusted({ topic, message }: Received, keys: readonly SecretKey[]) {
  const value = message.value ?? Buffer.alloc(0)
  const parts = { topic, key: message.key?.toString() ?? '', headers: headersOf(message), value }
  const reason = distrust(parts, keys)
  if (reason !== null) return { event: null, reason }
  try {
    return { event: parseEvent(value, topic), reason: null }
  } catch (error) {
    if (error instanceof ContractError) return { event: null, reason: error.reason }
    throw error
  }
}

/** The message as it came, with where it came from and why it is here. */
function copyOf({ topic, partition, message }: Received, to: string, reason: string, tries = 0): RawMessage {
  const from = {
    'x-dead-reason': reason.slice(0, 1_000),
    'x-dead-topic': topic,
    'x-dead-partition': String(partition),
    'x-dead-offset': message.offset,
    'x-dead-tries': String(tries),
  }
  return { topic: to, key: message.key, value: message.value, headers: { ...headersOf(message), ...from } }
}

function headersOf(message: KafkaMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
  )
}

const describe = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

async function isCaughtUp(admin: Admin, groupId: string, topics: readonly string[]): Promise<boolean> {
  const ends = await Promise.all(
    topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
  )
  const committed = await admin.fetchOffsets({ groupId, topics: [...topics] })
  const positionOf = (topic: string, partition: number) =>
    Number(
      committed.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition)
        ?.offset ?? -1,
    )
  return ends.every(({ topic, partitions }) =>
    partitions.every(
      ({ partition, high, low }) =>
        Number(high) === Number(low) || positionOf(topic, partition) >= Number(high),
    ),
  )
}
