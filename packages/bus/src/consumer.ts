import type { AnyEvent } from '@mall/contracts'
import { createBatcher } from '@mall/service/batcher'
import type { SecretKey } from '@mall/service/config'
import type { Logger } from '@mall/service/logger'
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs'
import { assignByNumber } from './assign-by-number.ts'
import { isCaughtUp } from './caught-up.ts'
import type { Counters } from './counters.ts'
import { StoppedError, type Patience } from './handling.ts'
import type { Names } from './names.ts'
import { createPositionKeeper } from './offsets.ts'
import type { BusProducer } from './producer.ts'
import type { Received } from './received.ts'
import { createReception } from './reception.ts'
import { reviveAfterCrash } from './revival.ts'

/** One consumer group and what it does with events. */
export interface ConsumeOptions {
  group: string
  topics: readonly string[]
  /**
   * Gets up to `maxEvents` verified events, in order per partition, whatever partitions they came from. When it
   * resolves, they are done; when it throws, they come again. At most two calls at a time, never for one partition.
   */
  handle(events: readonly AnyEvent[]): Promise<void>
  /** Where a group without a position starts. @default true */
  fromBeginning?: boolean
  /** Most events in one call. @default 200 */
  maxEvents?: number
}

/** A running consumer. */
export interface BusConsumer {
  /** Waits for the running call of `handle`, commits what is done and leaves the group at once. */
  stop(): Promise<void>
  /** True when the group has nothing left to do that was published before the call. */
  caughtUp(): Promise<boolean>
  /** False after a crash, when nothing was heard of the broker for 10 s, and when stopped. */
  healthy(): boolean
}

/** How a group notices that a consumer is gone, in milliseconds. */
export interface SessionOptions {
  /** How long a consumer may be silent before its partitions go to another. @default 3000 */
  timeoutMs: number
  /** How often it says that it is there, and learns that another has come or gone. @default 500 */
  heartbeatMs: number
}

/** What a consumer needs from the bus. */
export interface ConsumerDependencies {
  kafka: Kafka
  admin: Admin
  producer: BusProducer
  signingKeys: readonly SecretKey[]
  logger: Logger
  names: Names
  counters: Counters
  patience: Patience
  session: SessionOptions
}

/**
 * How long the broker holds back an empty answer, in milliseconds. A message is answered at once; but a stop, a
 * heartbeat and a commit wait behind a held request, as the broker reads a connection one request at a time.
 */
const fetchWaitMs = 250
const silentMs = 10_000

/** Joins a group and handles its events until stopped. */
export async function startConsumer(
  options: ConsumeOptions,
  deps: ConsumerDependencies,
): Promise<BusConsumer> {
  const { fromBeginning = true, maxEvents = 200 } = options
  const { names, session } = deps
  const group = names.outside(options.group)
  const topics = options.topics.map(names.outside)
  const logger = deps.logger.child({ group })
  const consumer = deps.kafka.consumer({
    groupId: group,
    partitionAssigners: [assignByNumber],
    sessionTimeout: session.timeoutMs,
    heartbeatInterval: session.heartbeatMs,
    rebalanceTimeout: session.timeoutMs * 2,
    maxWaitTimeInMs: fetchWaitMs,
    minBytes: 1,
    allowAutoTopicCreation: false,
    retry: { retries: 1_000, initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: async () => true },
  })
  const stopping = new AbortController()
  const inWork = new Set<Promise<void>>()
  // Kept from the last batch: consumer.commitOffsets repeats a failed commit for minutes, and does nothing in a stop.
  let commitOffsets: EachBatchPayload['commitOffsetsIfNecessary'] = async () => {}
  const positions = createPositionKeeper((offsets) => commitOffsets(offsets), logger)
  // Counts rebalances: what was fetched before one may be someone else's by now.
  let generation = 0
  let lastSign = Date.now()
  const alive = () => void (lastSign = Date.now())
  consumer.on(consumer.events.FETCH, alive)
  consumer.on(consumer.events.GROUP_JOIN, alive)
  consumer.on(consumer.events.HEARTBEAT, alive)
  consumer.on(consumer.events.REBALANCING, leaveGeneration)
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    lastSign = 0
    leaveGeneration()
    logger.error({ error: payload.error, restart: payload.restart }, 'the consumer crashed')
  })

  const receive = createReception(options.handle, { ...deps, logger, signal: stopping.signal })
  // What several partitions deliver at the same time is handled in one call: one commit in the database serves all. What
  // comes while that waits for the disk need not wait behind it.
  const receiveTogether = createBatcher<readonly Received[], void>({
    concurrency: 2,
    maxItems: maxEvents,
    weigh: (slice) => slice.length,
    run: async (slices) => {
      await receive(slices.flat())
      return slices.map(() => undefined)
    },
  })

  await consumer.connect()
  await consumer.subscribe({ topics, fromBeginning })
  const run = () =>
    consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 32,
      eachBatch(payload) {
        const work = consumeBatch(payload).finally(() => inWork.delete(work))
        inWork.add(work)
        return work
      },
    })
  reviveAfterCrash(consumer, run, { signal: stopping.signal, logger })
  await run()

  let stopped: Promise<void> | null = null
  return {
    healthy: () => stopped === null && Date.now() - lastSign < silentMs,
    async caughtUp() {
      await positions.commit()
      return isCaughtUp(deps.admin, { group, topics, fromBeginning })
    },
    stop: () => (stopped ??= stop()),
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await Promise.allSettled(inWork)
    // Before leaving: a position of one who has left is refused, and the next would do the last half second again.
    await positions.close()
    await consumer.disconnect()
  }

  function leaveGeneration(): void {
    generation += 1
    positions.handOver()
  }

  async function consumeBatch(payload: EachBatchPayload): Promise<void> {
    const { heartbeat, isStale, resolveOffset } = payload
    const { messages, partition, topic } = payload.batch
    const born = generation
    commitOffsets = payload.commitOffsetsIfNecessary
    // A handler may take longer than a session; the group must not take us for dead meanwhile.
    const beat = setInterval(() => void heartbeat().catch(() => {}), session.heartbeatMs)
    try {
      for (let from = 0; from < messages.length; from += maxEvents) {
        if (stopping.signal.aborted || isStale()) return
        const slice = messages.slice(from, from + maxEvents)
        await receiveTogether(slice.map((message) => ({ topic, partition, message })))
        const last = slice.at(-1)
        if (!last || born !== generation) return
        resolveOffset(last.offset)
        positions.done(topic, partition, last.offset)
      }
    } catch (error) {
      if (!(error instanceof StoppedError)) throw error
    } finally {
      clearInterval(beat)
    }
  }
}
