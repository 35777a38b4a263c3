import { describe, expect, it, vi } from 'vitest'
import { createCounts } from '../metrics/counts.ts'
import type { Exchange, ExchangeAnswer } from './exchange.ts'
import { createFlights, TookTooLong } from './flights.ts'

/** An exchange that answers when it is told to. */
function createExchange() {
  const { promise, resolve, reject } = Promise.withResolvers<ExchangeAnswer>()
  const cancel = vi.fn((reason: Error) => reject(reason))
  const exchange: Exchange = { answer: promise, cancel }
  return { start: vi.fn(() => exchange), cancel, answer: (text: string) => resolve({ status: 200, text }) }
}

const limits = (timeoutMs = 1_000, signal = new AbortController().signal) => ({ timeoutMs, signal })

describe('identical queries', () => {
  it('share one request', async () => {
    const counts = createCounts()
    const flights = createFlights(counts)
    const [one, other] = [createExchange(), createExchange()]
    const answers = [flights.ride('k', one.start, limits()), flights.ride('k', other.start, limits())]
    one.answer('same')
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['same', 'same'])
    expect(other.start).not.toHaveBeenCalled()
    expect(counts.flightsShared).toBe(1)
  })

  it('do not share one that began a while ago, another key, or none', async () => {
    let now = 0
    const flights = createFlights(createCounts(), () => now)
    const exchanges = Array.from({ length: 4 }, createExchange)
    const keys = ['k', 'other', null]
    const answers = keys.map((key, index) => flights.ride(key, exchanges[index]?.start ?? never, limits()))
    now = 100
    answers.push(flights.ride('k', exchanges[3]?.start ?? never, limits()))
    exchanges.forEach(({ answer }, index) => answer(String(index)))
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(['0', '1', '2', '3'])
  })

  it('do not share what was begun before a mutation', async () => {
    const flights = createFlights(createCounts())
    const [before, after] = [createExchange(), createExchange()]
    const first = flights.ride('k', before.start, limits())
    flights.forget()
    const second = flights.ride('k', after.start, limits())
    before.answer('old')
    after.answer('new')
    expect([(await first).text, (await second).text]).toEqual(['old', 'new'])
  })

  it('wait for another only half of their time, then ask themselves', async () => {
    const flights = createFlights(createCounts())
    const [hanging, own] = [createExchange(), createExchange()]
    const first = flights.ride('k', hanging.start, limits(60_000))
    own.answer('own')
    expect((await flights.ride('k', own.start, limits(20))).text).toBe('own')
    hanging.answer('late')
    expect((await first).text).toBe('late')
  })
})

describe('a request', () => {
  it('is cancelled when the last who waits has left, not before', async () => {
    const flights = createFlights(createCounts())
    const { start, cancel } = createExchange()
    const [one, other] = [new AbortController(), new AbortController()]
    const rides = [one, other].map(({ signal }) => flights.ride('k', start, limits(1_000, signal)))
    one.abort()
    await expect(rides[0]).rejects.toThrow('the client has left')
    expect(cancel).not.toHaveBeenCalled()
    other.abort()
    await expect(rides[1]).rejects.toThrow('the client has left')
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('is cancelled when it takes too long, and never begun without time left', async () => {
    const flights = createFlights(createCounts())
    const { start, cancel } = createExchange()
    await expect(flights.ride(null, start, limits(5))).rejects.toBeInstanceOf(TookTooLong)
    expect(cancel).toHaveBeenCalledOnce()
    await expect(flights.ride(null, never, limits(0))).rejects.toBeInstanceOf(TookTooLong)
  })
})

function never(): Exchange {
  throw new Error('this was not to be started')
}
