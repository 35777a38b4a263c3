import { describe, expect, it } from 'vitest'
import { handleWithRetries, isPoison, StoppedError, tryRepeatedly } from './handling.ts'

const hopeless = () => Object.assign(new Error('never'), { retriable: false })
const patience = { maxDelayMs: 1, maxTriesTogether: 3, maxTries: 4 }

describe('handling with retries', () => {
  it('is done after one call when nothing fails', async () => {
    const { calls, run } = handler(() => {})
    expect(await run(['a', 'b'])).toEqual([])
    expect(calls).toEqual([['a', 'b']])
  })

  it('tries again what failed for a moment', async () => {
    const { calls, run, retries } = handler((_, call) => {
      if (call < 3) throw new Error('not yet')
    })
    expect(await run(['a', 'b'])).toEqual([])
    expect(calls).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(retries()).toBe(2)
  })

  it('finds the one that can never be handled and handles the others, in order', async () => {
    const { calls, run } = handler((events) => {
      if (events.includes('b')) throw hopeless()
    })
    expect(await run(['a', 'b', 'c'])).toMatchObject([{ event: 'b', tries: 1 }])
    expect(calls).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']])
  })

  it('gives an event up after the last try', async () => {
    const { run } = handler((events) => {
      if (events.includes('b')) throw new Error('always')
    })
    expect(await run(['a', 'b', 'c'])).toMatchObject([{ event: 'b', tries: 4, error: { message: 'always' } }])
  })

  it('stops waiting at once when the consumer stops', async () => {
    const stopping = new AbortController()
    const tries = tryRepeatedly(() => Promise.reject(new Error('not yet')), {
      maxDelayMs: 60_000,
      maxTries: 100,
      signal: stopping.signal,
      onRetry: (_, count) => count === 1 && stopping.abort(),
    })
    await expect(tries).rejects.toBeInstanceOf(StoppedError)
  })
})

describe('an error', () => {
  it.each([
    ['says that it is not retriable', hopeless(), true],
    ['says that it is retriable', Object.assign(new TypeError('x'), { retriable: true }), false],
    ['is a mistake in the code', new TypeError('x is undefined'), true],
    [
      'is a network that fails under fetch',
      new TypeError('fetch failed', { cause: new Error('reset') }),
      false,
    ],
    ['says nothing', new Error('deadlock detected'), false],
    ['is not an error at all', 'text', false],
  ])('that %s is judged so', (_, error, expected) => {
    expect(isPoison(error)).toBe(expected)
  })
})

function handler(behave: (events: readonly string[], call: number) => void) {
  const calls: (readonly string[])[] = []
  let retried = 0
  const handle = async (events: readonly string[]) => {
    calls.push(events)
    behave(events, calls.length)
  }
  const { signal } = new AbortController()
  const onRetry = () => void (retried += 1)
  const run = (events: string[]) => handleWithRetries(events, handle, { ...patience, signal, onRetry })
  return { calls, run, retries: () => retried }
}
