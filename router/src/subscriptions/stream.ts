import { isOlder, type StreamEvent } from './event.ts'

/** Who follows a stream. After `error` or `complete` nothing comes. */
export interface Subscriber {
  /** Its first event has come, and is told when it is complete. Only of what is nobody else's. */
  begin(): void
  next(event: StreamEvent): void
  error(error: unknown): void
  complete(): void
}

/** One subscription at a subgraph and those who follow it. */
export interface Stream {
  /** Gives what is known of the present at once, then each event. Returns how to leave. */
  join(subscriber: Subscriber): () => void
  /** The last event of each key. */
  readonly present: ReadonlyMap<string, StreamEvent>
  /** False when it has ended, or when it cannot say the present any more. */
  isJoinable(): boolean
  /** How many follow it. */
  followers(): number
  /** Nobody joins it any more: it ends with the last who follows it. */
  retire(): void
  /** Ends it without a word. */
  close(): void
}

export interface StreamOptions {
  /** Runs until the signal is aborted. */
  readonly events: (signal: AbortSignal) => AsyncIterable<StreamEvent>
  /** How long it is kept open when nobody follows it, in milliseconds: whoever reloads a page is back in a moment. */
  readonly lingerMs: number
  /** What is known already of the present: nothing older is told. */
  readonly known?: ReadonlyMap<string, StreamEvent> | undefined
  /** Called once, however it ends. */
  readonly onEnd: () => void
}

/** Keys whose last event is kept. A stream of more is not joined any more: the next client gets one of its own. */
const MAX_KEYS = 1_000

export function createStream({ events, lingerMs, known, onEnd }: StreamOptions): Stream {
  const ending = new AbortController()
  const subscribers = new Set<Subscriber>()
  const present = new Map<string, StreamEvent>()
  let isForgetful = false
  let isRetired = false
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
        if (lingerMs > 0 && !isRetired) lingering = setTimeout(close, lingerMs).unref()
        else close()
      }
    },
    present,
    isJoinable: () => !hasEnded && !isForgetful,
    followers: () => subscribers.size,
    retire() {
      isRetired = true
      if (subscribers.size === 0) close()
    },
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
      if (isOlder(event, present.get(event.key) ?? known?.get(event.key))) return
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
    onEnd()
    told.forEach(tell)
  }
}
