/** What is counted: messages, except for `retried`, which counts calls of a handler that failed and were repeated. */
export type CounterKind = 'published' | 'handled' | 'retried' | 'dead' | 'quarantined'

/** Counts since the start of the process, by kind and topic. */
export type Counts = Readonly<Record<CounterKind, Readonly<Record<string, number>>>>

/** Counts what becomes of messages, for metrics and alarms. */
export interface Counters {
  add(kind: CounterKind, topics: Iterable<string>): void
  read(): Counts
}

export function createCounters(): Counters {
  const counts: Record<CounterKind, Map<string, number>> = {
    published: new Map(),
    handled: new Map(),
    retried: new Map(),
    dead: new Map(),
    quarantined: new Map(),
  }
  return {
    add(kind, topics) {
      for (const topic of topics) counts[kind].set(topic, (counts[kind].get(topic) ?? 0) + 1)
    },
    read: () => ({
      published: Object.fromEntries(counts.published),
      handled: Object.fromEntries(counts.handled),
      retried: Object.fromEntries(counts.retried),
      dead: Object.fromEntries(counts.dead),
      quarantined: Object.fromEntries(counts.quarantined),
    }),
  }
}
