export interface Lru<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
  values(): Iterable<Value>
}

/**
 * Remembers the entries that were used last: at most `maxEntries`, and the last half of them for sure. In two
 * generations: keeping the exact order would cost a deletion and an insertion with every look.
 */
export function createLru<Key, Value>(maxEntries: number): Lru<Key, Value> {
  const perGeneration = Math.max(1, Math.floor(maxEntries / 2))
  let young = new Map<Key, Value>()
  let old = new Map<Key, Value>()

  function set(key: Key, value: Value): void {
    if (young.size >= perGeneration && !young.has(key)) {
      old = young
      young = new Map()
    }
    old.delete(key)
    young.set(key, value)
  }

  return {
    get(key) {
      const value = young.get(key)
      if (value !== undefined) return value
      const kept = old.get(key)
      if (kept !== undefined) set(key, kept)
      return kept
    },
    set,
    delete(key) {
      young.delete(key)
      old.delete(key)
    },
    *values() {
      yield* old.values()
      yield* young.values()
    },
  }
}
