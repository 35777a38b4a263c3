export interface BatcherOptions<Item, Result> {
  /** Handles many items at once; gives one result per item in the same order. An Error among them fails only its item. */
  readonly run: (items: Item[]) => Promise<readonly (Result | Error)[]>
  /** Most items in one run; the sum of their weights, if they are weighed. @default 200 */
  readonly maxItems?: number
  /** What an item counts; one that is heavier than `maxItems` runs alone. @default 1 */
  readonly weigh?: (item: Item) => number
  /** Most runs at a time. @default 2 */
  readonly concurrency?: number
}

/**
 * Group commit: what arrives while runs are in progress goes into the next one, so that the busier it is the
 * fewer runs there are per item, and an item that comes alone waits for nobody. A run that throws fails its items.
 */
export function createBatcher<Item, Result>({
  run,
  maxItems = 200,
  weigh = () => 1,
  concurrency = 2,
}: BatcherOptions<Item, Result>): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = []
  let running = 0
  let scheduled = false

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      schedule()
    })

  function schedule(): void {
    if (scheduled || running >= concurrency || waiting.length === 0) return
    scheduled = true
    // Not a microtask: requests that arrive in one turn of the event loop are to share a run.
    setImmediate(() => {
      scheduled = false
      void start()
    })
  }

  async function start(): Promise<void> {
    const count = countThatFit()
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    running += 1
    schedule()
    await settle(batch, run)
    running -= 1
    schedule()
  }

  function countThatFit(): number {
    let weight = 0
    const tooMuch = waiting.findIndex(({ item }, i) => (weight += weigh(item)) > maxItems && i > 0)
    return tooMuch === -1 ? waiting.length : tooMuch
  }
}

interface Waiting<Item, Result> {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

async function settle<Item, Result>(
  batch: Waiting<Item, Result>[],
  run: BatcherOptions<Item, Result>['run'],
): Promise<void> {
  try {
    const results = await run(batch.map(({ item }) => item))
    if (results.length !== batch.length) {
      throw new Error(`a batch of ${batch.length} items was answered with ${results.length} results`)
    }
    results.forEach((result, i) => {
      if (result instanceof Error) batch[i]?.reject(result)
      else batch[i]?.resolve(result)
    })
  } catch (error) {
    for (const { reject } of batch) reject(error)
  }
}
