import { describe, expect, it } from 'vitest'
import { createBatcher } from './batcher.ts'

describe('a batcher', () => {
  it('runs what arrives together as one batch and answers each with its own result', async () => {
    const batches: number[][] = []
    const double = createBatcher<number, number>({
      run: (items) => {
        batches.push(items)
        return Promise.resolve(items.map((n) => n * 2))
      },
    })
    expect(await Promise.all([1, 2, 3].map(double))).toEqual([2, 4, 6])
    expect(batches).toEqual([[1, 2, 3]])
  })

  it('puts what arrives during a run into the next one', async () => {
    const { batches, batcher, finish } = held({ concurrency: 1 })
    const first = batcher('a')
    await turn()
    const rest = [batcher('b'), batcher('c')]
    await turn()
    expect(batches).toEqual([['a']])
    finish()
    await first
    await turn()
    finish()
    await Promise.all(rest)
    expect(batches).toEqual([['a'], ['b', 'c']])
  })

  it('keeps to the bound of their weights, and runs what is too heavy alone', async () => {
    const batches: number[][] = []
    const batcher = createBatcher<number, number>({
      concurrency: 1,
      maxItems: 10,
      weigh: (item) => item,
      run: (items) => {
        batches.push(items)
        return Promise.resolve(items)
      },
    })
    await Promise.all([4, 6, 1, 30, 2].map(batcher))
    expect(batches).toEqual([[4, 6], [1], [30], [2]])
  })

  it('keeps to the bounds of items in a run and runs at a time', async () => {
    const { batches, batcher, finish } = held({ concurrency: 2, maxItems: 2 })
    const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map(batcher))
    await turn()
    expect(batches).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ])
    finish()
    await turn()
    finish()
    await all
    expect(batches[2]).toEqual(['e'])
  })

  it('fails only the item whose result is an error', async () => {
    const batcher = createBatcher<string, string>({
      run: (items) => Promise.resolve(items.map((item) => (item === 'bad' ? new Error('no') : item))),
    })
    const results = await Promise.allSettled(['good', 'bad'].map(batcher))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('fails all items of a run that throws, and goes on with the next', async () => {
    let broken = true
    const batcher = createBatcher<string, string>({
      run: (items) => (broken ? Promise.reject(new Error('down')) : Promise.resolve(items)),
    })
    await expect(Promise.all(['a', 'b'].map(batcher))).rejects.toThrow('down')
    broken = false
    expect(await batcher('c')).toBe('c')
  })

  it('fails its items when the run answers with another number of results', async () => {
    const batcher = createBatcher<string, string>({ run: () => Promise.resolve([]) })
    await expect(batcher('a')).rejects.toThrow('1 items was answered with 0')
  })
})

/** A batcher whose runs last until `finish` is called. */
function held(options: { concurrency: number; maxItems?: number }) {
  const batches: string[][] = []
  let finishers: (() => void)[] = []
  const batcher = createBatcher<string, string>({
    ...options,
    run: (items) => {
      batches.push(items)
      return new Promise((resolve) => finishers.push(() => resolve(items)))
    },
  })
  return {
    batches,
    batcher,
    finish: () => {
      finishers.forEach((done) => done())
      finishers = []
    },
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))
