import type { Logger } from './logger.ts'
import { createQueue } from './queue.ts'
import type { Queue } from './queue.ts'
import { closeRedis, createRedis } from './redis.ts'

/** Publish and subscribe across processes: a watcher on one instance sees what is published on another. */
export interface PubSub<Payload> {
  /** Sends to all subscribers of the channel, everywhere. Resolves when Redis has it; lost by who is not connected. */
  publish(channel: string, payload: Payload): Promise<void>
  /**
   * Resolves when the subscription stands, so that a state read afterwards joins the stream without a gap.
   * Ends on `return()` and on the signal; throws when its reader is more than `maxQueued` payloads behind.
   */
  subscribe(channels: readonly string[], signal?: AbortSignal): Promise<AsyncIterableIterator<Payload>>
  /** Called when the connection was lost and stands again: what was published meanwhile is gone, read the state anew. */
  onReconnected(listener: () => void): () => void
  close(): Promise<void>
}

export interface PubSubOptions<Payload> {
  readonly redisUrl: string
  readonly logger: Logger
  /** Checks what came over the wire; what it throws on is logged and dropped. @default none */
  readonly parse?: (payload: unknown, channel: string) => Payload
  /** Most payloads that wait for one slow reader. @default 1000 */
  readonly maxQueued?: number
}

/** One subscriber connection per process; each payload is parsed once and fanned out in memory. */
export function createPubSub(options: Omit<PubSubOptions<unknown>, 'parse'>): PubSub<unknown>
export function createPubSub<Payload>(
  options: PubSubOptions<Payload> & { readonly parse: (payload: unknown, channel: string) => Payload },
): PubSub<Payload>
export function createPubSub({
  redisUrl,
  logger,
  parse = (payload) => payload,
  maxQueued = 1_000,
}: PubSubOptions<unknown>): PubSub<unknown> {
  // What is published in one turn of the event loop, as for a batch of orders, goes out together.
  const publisher = createRedis(redisUrl, logger, { enableAutoPipelining: true })
  // Subscribing must outlive an outage, hence no bound on retries here.
  const subscriber = createRedis(redisUrl, logger, { maxRetriesPerRequest: null })
  const readers = new Map<string, Set<Queue<unknown>>>()
  const standing = new Map<string, Promise<unknown>>()
  const reconnected = new Set<() => void>()

  subscriber.on('message', (channel: string, text: string) => {
    const queues = readers.get(channel)
    if (!queues) return
    try {
      const payload = parse(JSON.parse(text), channel)
      for (const queue of queues) queue.push(payload)
    } catch (error) {
      logger.error({ error, channel }, 'a payload that cannot be read was dropped')
    }
  })

  let connectedBefore = false
  subscriber.on('ready', () => {
    if (connectedBefore) void tellReconnected()
    connectedBefore = true
  })

  return {
    async publish(channel, payload) {
      await publisher.publish(channel, JSON.stringify(payload))
    },

    async subscribe(channels, signal) {
      signal?.throwIfAborted()
      const queue = createQueue<unknown>({ maxQueued, onEnd: () => leave(channels, queue) })
      for (const channel of channels) join(channel, queue)
      signal?.addEventListener('abort', () => queue.end(), { once: true })
      try {
        await Promise.all(channels.map(async (channel) => standing.get(channel)))
      } catch (cause) {
        queue.end()
        throw new Error('subscribing in Redis failed', { cause })
      }
      return queue.iterator
    },

    onReconnected(listener) {
      reconnected.add(listener)
      return () => reconnected.delete(listener)
    },

    async close() {
      for (const queue of new Set([...readers.values()].flatMap((queues) => [...queues]))) queue.end()
      await Promise.all([closeRedis(publisher), closeRedis(subscriber)])
    },
  }

  /** Once all subscriptions stand again: a state read from then on joins the stream without a gap. */
  async function tellReconnected(): Promise<void> {
    try {
      if (readers.size > 0) await subscriber.subscribe(...readers.keys())
      for (const listener of reconnected) listener()
    } catch (error) {
      logger.warn({ error }, 'subscribing in Redis again failed; waiting for the next connection')
    }
  }

  function join(channel: string, queue: Queue<unknown>): void {
    const queues = readers.get(channel)
    if (queues) {
      queues.add(queue)
      return
    }
    readers.set(channel, new Set([queue]))
    standing.set(channel, subscriber.subscribe(channel))
  }

  function leave(channels: readonly string[], queue: Queue<unknown>): void {
    for (const channel of channels) {
      const queues = readers.get(channel)
      queues?.delete(queue)
      if (!queues || queues.size > 0) continue
      readers.delete(channel)
      standing.delete(channel)
      // Commands keep their order on a connection: a subscribe that follows is not undone by this.
      subscriber.unsubscribe(channel).catch((error: unknown) => {
        if (subscriber.status === 'ready') logger.warn({ error, channel }, 'unsubscribing in Redis failed')
      })
    }
  }
}
