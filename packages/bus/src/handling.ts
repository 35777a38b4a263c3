import { setTimeout as sleep } from 'node:timers/promises'

/** How long and how often a failing handler is tried. Times in milliseconds. */
export interface Patience {
  /** Longest wait between two tries. @default 5000 */
  maxDelayMs: number
  /** Tries of an event alone before it is taken for poison, when its error does not say so itself. @default 100 */
  maxTries: number
}

/** What became of one event. */
export type Outcome<Event> = { event: Event; error: unknown; tries: number }

/**
 * Handles events together, with growing waits between tries while that fails. When trying again cannot help, or has not
 * for long, each event is handled alone, in order, and those that still fail are returned: the poison among them.
 */
export async function handleWithRetries<Event>(
  events: readonly Event[],
  handle: (events: readonly Event[]) => Promise<void>,
  options: Patience & { isStopped(): boolean; onRetry(error: unknown, tries: number): void },
): Promise<Outcome<Event>[]> {
  const together = await tryUntil(() => handle(events), {
    ...options,
    maxTries: Math.ceil(options.maxTries / 2),
  })
  if (together === null) return []
  if (events.length === 1 && isPoison(together.error)) return [{ event: events[0] as Event, ...together }]
  const poison: Outcome<Event>[] = []
  for (const event of events) {
    const failure = await tryUntil(() => handle([event]), options)
    if (failure) poison.push({ event, ...failure })
  }
  return poison
}

/** An error that says of itself that trying again cannot help. */
export const isPoison = (error: unknown): boolean =>
  (typeof error === 'object' && error !== null && 'retriable' in error && error.retriable === false) ||
  error instanceof TypeError ||
  error instanceof RangeError ||
  error instanceof SyntaxError

/** Thrown out of a handler's retries when the consumer stops; the events are delivered again elsewhere. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

async function tryUntil(
  attempt: () => Promise<void>,
  options: Patience & { isStopped(): boolean; onRetry(error: unknown, tries: number): void },
): Promise<{ error: unknown; tries: number } | null> {
  for (let tries = 1; ; tries += 1) {
    if (options.isStopped()) throw new StoppedError('The consumer is stopping')
    try {
      await attempt()
      return null
    } catch (error) {
      if (isPoison(error) || tries >= options.maxTries) return { error, tries }
      options.onRetry(error, tries)
      // Full jitter: instances that failed together do not come back together.
      await sleep(Math.random() * Math.min(100 * 2 ** tries, options.maxDelayMs))
    }
  }
}
