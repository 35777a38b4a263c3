import { setTimeout as sleep } from 'node:timers/promises'

/** How long and how often a failing handler is tried. Times in milliseconds. */
export interface Patience {
  /** Longest wait between two tries; the first waits are at most 0.2 s and double. @default 5000 */
  maxDelayMs: number
  /** Tries of several events together, before each is tried alone to find the one that fails. @default 5 */
  maxTriesTogether: number
  /** Tries of an event alone before it is taken for poison, when its error does not say so itself. @default 100 */
  maxTries: number
}

/** What a run of tries needs to know of its surroundings. */
export interface Surroundings {
  /** Ends the tries with StoppedError; a call of the handler that is running is waited for. */
  signal: AbortSignal
  onRetry(error: unknown, tries: number): void
}

/** What became of an event that could not be handled. */
export interface Failure {
  error: unknown
  tries: number
}

/**
 * Handles events together, with growing waits between tries while that fails. When it fails for long, or trying again
 * cannot help, each event is handled alone, in order; those that still fail are returned: the poison among them.
 */
export async function handleWithRetries<Event>(
  events: readonly Event[],
  handle: (events: readonly Event[]) => Promise<void>,
  { maxTriesTogether, ...options }: Patience & Surroundings,
): Promise<(Failure & { event: Event })[]> {
  if (events.length > 1) {
    const together = await tryRepeatedly(() => handle(events), { ...options, maxTries: maxTriesTogether })
    if (together === null) return []
  }
  const poison: (Failure & { event: Event })[] = []
  for (const event of events) {
    const failure = await tryRepeatedly(() => handle([event]), options)
    if (failure) poison.push({ event, ...failure })
  }
  return poison
}

/**
 * Calls `attempt` until it succeeds (null), says that trying again cannot help, or `maxTries` are used up. Waits
 * between tries grow exponentially up to `maxDelayMs`. Throws StoppedError when stopped.
 */
export async function tryRepeatedly(
  attempt: () => Promise<void>,
  { maxTries, maxDelayMs, signal, onRetry }: Omit<Patience, 'maxTriesTogether'> & Surroundings,
): Promise<Failure | null> {
  for (let tries = 1; ; tries += 1) {
    if (signal.aborted) throw new StoppedError()
    try {
      await attempt()
      return null
    } catch (error) {
      if (isPoison(error) || tries >= maxTries) return { error, tries }
      onRetry(error, tries)
      // Full jitter: instances that failed together do not come back together.
      const delayMs = Math.random() * Math.min(100 * 2 ** tries, maxDelayMs)
      await sleep(delayMs, undefined, { signal }).catch(() => {
        throw new StoppedError()
      })
    }
  }
}

/** An error that says that trying again cannot help: by `retriable: false`, or by being a programmer's mistake. */
export function isPoison(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('retriable' in error) return error.retriable === false
  // fetch rejects with a TypeError when the network fails; it always has a cause, a mistake in code has none.
  const isMistake = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError
  return isMistake && error.cause === undefined
}

/** Thrown out of a handler's tries when the consumer stops; the events are delivered again elsewhere. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
  constructor() {
    super('The consumer is stopping')
  }
}
