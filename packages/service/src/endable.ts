/** An iterator whose `return()` ends it at once, also while it waits. */
export interface Endable<T> extends AsyncIterableIterator<T> {
  return(): Promise<IteratorResult<T>>
}

/**
 * Makes a generator endable: its signal is aborted when the reader leaves, and what it waits for must heed that.
 * A generator's own `return()` would wait for what it waits for, which may never come, and keep its subscription open.
 */
export function endable<T>(generate: (signal: AbortSignal) => AsyncGenerator<T>): Endable<T> {
  const leaving = new AbortController()
  const values = generate(leaving.signal)
  return {
    next: () => values.next(),
    return() {
      leaving.abort()
      return values.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
