import { isOlder, type StreamEvent } from './event.ts'

/** Who follows a stream. After `error` or `complete` nothing comes. */
export interface Subscriber {
  next(event: StreamEvent): void
  error(error: unknown): void
  complete(): void
}

/** One subscription at a subgraph and those who follow it. */
export interface Stream {
  /** Gives what is known of the present at once, then each event. Returns how to leave. */
  join(subscriber: Subscriber): () => void
  /** False when it has ended, or when it cannot say the present any more. */
  isJoinable(): boolean
  /** How many follow it. */
  followers(): number
  /** Ends it without a word. */
  close(): void
}

export interface StreamOptions {
  /** Runs until the signal is aborted. */
  readonly events: (signal: AbortSignal) => AsyncIterable<StreamEvent>
  /** How long it is kept open when nobody follows it, in milliseconds: whoever reloads a page is back in a moment. */
  readonly lingerMs: number
  /** Called once, however it ends. */
  readonly onEnd: () => void
}

/** Keys whose last event is kept. A stream of more is not joined any more: the next client gets one of its own. */
const MAX_KEYS = 1_000

export function createStream({ events, lingerMs, onEnd }: StreamOptions): Stream {
  const ending = new AbortController()
  const subscribers = new Set<Subscriber>()
  const present = new Map<string, StreamEvent>()
  let isForgetful = false
  let hasEnded = false
  let lingering: NodeJS.Timeout | undefined
  void run()

  return {
    join(subscriber) {
      clearTimeout(lingering)
      subscribers.add(subscriber)
      for (const event of present.values()) subscriber.next(event)
      return () => {
        if (!subscribers.delete(subscriber) || subscribers.size > 0 || hasEnded) return
        if (lingerMs > 0) lingering = setTimeout(close, lingerMs).unref()
        else close()
      }
    },
    isJoinable: () => !hasEnded && !isForgetful,
    followers: () => subscribers.size,
    close,
  }

  async function run(): Promise<void> {
    try {
      for await (const event of events(ending.signal)) {
        if (hasEnded) return
        publish(event)
      }
      end((subscriber) => subscriber.complete())
    } catch (error) {
      end((subscriber) => subscriber.error(error))
    }
  }

  function publish(event: StreamEvent): void {
    if (event.key !== undefined) {
      if (isOlder(event, present.get(event.key))) return
      remember(event.key, event)
    }
    for (const subscriber of subscribers) subscriber.next(event)
  }

  function remember(key: string, event: StreamEvent): void {
    if (isForgetful) return
    present.set(key, event)
    if (present.size <= MAX_KEYS) return
    isForgetful = true
    present.clear()
  }

  function close(): void {
    end(() => undefined)
  }

  function end(tell: (subscriber: Subscriber) => void): void {
    if (hasEnded) return
    hasEnded = true
    clearTimeout(lingering)
    ending.abort()
    const told = [...subscribers]
    subscribers.clear()
    present.clear()
    onEnd()
    told.forEach(tell)
  }
}
