/** A bounded queue between who pushes and one reader that iterates. */
export interface Queue<Item> {
  readonly iterator: AsyncIterableIterator<Item>
  /** Hands over an item. Fails the reader when more than `maxQueued` wait: a gap must not go unnoticed. */
  push(item: Item): void
  /** What waits is dropped and the reader is done. */
  end(): void
}

export interface QueueOptions {
  readonly maxQueued: number
  /** Called once, whichever way the queue ends. */
  readonly onEnd: () => void
}

export function createQueue<Item>({ maxQueued, onEnd }: QueueOptions): Queue<Item> {
  let items: IteratorYieldResult<Item>[] = []
  let waiting: { resolve: (result: IteratorResult<Item>) => void; reject: (error: Error) => void }[] = []
  let failure: Error | null = null
  let ended = false

  const end = () => {
    if (ended) return
    ended = true
    items = []
    for (const { resolve } of waiting) resolve({ value: undefined, done: true })
    waiting = []
    onEnd()
  }

  const iterator: AsyncIterableIterator<Item> = {
    [Symbol.asyncIterator]: () => iterator,
    next() {
      if (failure) {
        const error = failure
        failure = null
        return Promise.reject(error)
      }
      const item = items.shift()
      if (item) return Promise.resolve(item)
      if (ended) return Promise.resolve({ value: undefined, done: true })
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
    },
    return() {
      end()
      return Promise.resolve({ value: undefined, done: true })
    },
  }

  return {
    iterator,
    end,
    push(item) {
      if (ended) return
      const reader = waiting.shift()
      if (reader) reader.resolve({ value: item, done: false })
      else if (items.length < maxQueued) items.push({ value: item, done: false })
      else {
        failure = new Error(`a reader fell more than ${maxQueued} payloads behind`)
        end()
      }
    },
  }
}
