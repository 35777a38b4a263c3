import type { AnyEvent } from '@mall/contracts'
import { handleWithRetries, tryRepeatedly } from './handling.ts'
import type { ConsumerDependencies } from './consumer.ts'
import type { RawMessage } from './producer.ts'
import { copyTo, readTrusted, type Received } from './received.ts'

/**
 * Gives what can be trusted and read to the handler. When the returned function resolves, each message was handled, or
 * lies acknowledged in quarantine or in its dead-letter topic: nothing is dropped. It rejects only when stopped.
 */
export function createReception(
  handle: (events: readonly AnyEvent[]) => Promise<void>,
  deps: Pick<
    ConsumerDependencies,
    'counters' | 'logger' | 'names' | 'patience' | 'producer' | 'signingKeys'
  > & { signal: AbortSignal },
): (received: readonly Received[]) => Promise<void> {
  const { counters, logger, names, patience, producer, signal, signingKeys } = deps

  return async (received) => {
    const trusted: { origin: Received; event: AnyEvent }[] = []
    const refused: { origin: Received; reason: string }[] = []
    for (const origin of received) {
      const read = readTrusted(origin, names.inside(origin.topic), signingKeys)
      if ('event' in read) trusted.push({ origin, event: read.event })
      else refused.push({ origin, reason: read.refusal })
    }
    if (refused.length > 0) await quarantine(refused)
    if (trusted.length > 0) await handleOrBury(trusted)
  }

  async function quarantine(refused: readonly { origin: Received; reason: string }[]): Promise<void> {
    const reasons = refused.map(({ reason, origin }) => `${origin.topic}: ${reason}`)
    logger.error({ reasons }, 'messages that cannot be trusted or read')
    await store(refused.map(({ origin, reason }) => copyTo(names.quarantine, origin, { reason })))
    counters.add('quarantined', refused.map(topicOf))
  }

  async function handleOrBury(trusted: readonly { origin: Received; event: AnyEvent }[]): Promise<void> {
    const poison = await handleWithRetries(trusted, (some) => handle(some.map(({ event }) => event)), {
      ...patience,
      signal,
      onRetry(error, tries) {
        logger.warn({ error, tries }, 'events could not be handled yet')
        counters.add('retried', new Set(trusted.map(topicOf)))
      },
    })
    const dead = new Set(poison.map(({ event }) => event))
    counters.add('handled', trusted.filter((one) => !dead.has(one)).map(topicOf))
    if (poison.length === 0) return
    for (const { event, error, tries } of poison)
      logger.error({ error, tries, eventId: event.event.id, topic: event.origin.topic }, 'an event is dead')
    await store(
      poison.map(({ event, error, tries }) =>
        copyTo(names.dead(topicOf(event)), event.origin, { reason: describe(error), tries }),
      ),
    )
    counters.add(
      'dead',
      poison.map(({ event }) => topicOf(event)),
    )
  }

  // Repeated for as long as it takes: a message must not be passed over before it lies somewhere.
  async function store(messages: readonly RawMessage[]): Promise<void> {
    const failure = await tryRepeatedly(() => producer.publishRaw(messages), {
      maxDelayMs: patience.maxDelayMs,
      maxTries: Infinity,
      signal,
      onRetry: (error, tries) => logger.error({ error, tries }, 'dead letters could not be stored yet'),
    })
    if (failure) throw failure.error
  }

  function topicOf({ origin }: { origin: Received }): string {
    return names.inside(origin.topic)
  }
}

const describe = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
