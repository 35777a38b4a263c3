import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { StreamEvent } from './event.ts'
import { createPlace } from './place.ts'
import type { Subscriber } from './stream.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const event = (text: string): StreamEvent => ({
  payload: Buffer.from(text),
  key: undefined,
  version: undefined,
})

/** A place, what its subscriber hears, and the streams that it has moved to. */
function start() {
  const heard: string[] = []
  const place = createPlace({
    begin: () => undefined,
    next: ({ payload }) => void heard.push(payload.toString()),
    error: (error) => void heard.push(String(error)),
    complete: () => void heard.push('complete'),
  })
  function move(begin?: (to: Subscriber) => void) {
    let to: Subscriber | undefined
    const following = { leave: vi.fn(), renew: vi.fn(), finish: vi.fn() }
    place.move((subscriber) => {
      to = subscriber
      begin?.(subscriber)
      return following
    })
    if (!to) throw new Error('nothing was opened')
    return { ...following, to }
  }
  return { heard, place, move }
}

describe('a place', () => {
  it('is kept in the stream of before until the next has begun', () => {
    const { heard, move } = start()
    const [first, second] = [move(), move()]
    first.to.next(event('1'))
    expect(first.finish).not.toHaveBeenCalled()
    first.finish.mockImplementation(() => first.to.complete())
    second.to.next(event('2'))
    expect(first.leave).toHaveBeenCalledOnce()
    first.to.next(event('late'))
    second.to.next(event('3'))
    expect(heard).toEqual(['1', '2', '3'])
    vi.advanceTimersByTime(60_000)
    expect(second.leave).not.toHaveBeenCalled()
  })

  it('is given what has come from the stream of before, before anything of the next', () => {
    const { heard, move } = start()
    const [first, second] = [move(), move()]
    second.to.begin()
    expect(first.finish).toHaveBeenCalledOnce()
    second.to.next(event('3'))
    first.to.next(event('1'))
    second.to.next(event('4'))
    first.to.next(event('2'))
    expect(heard).toEqual(['1', '2'])
    first.to.complete()
    second.to.next(event('5'))
    expect(heard).toEqual(['1', '2', '3', '4', '5'])
    expect(second.finish).not.toHaveBeenCalled()
  })

  it('is given what several have got, in their order', () => {
    const { heard, move } = start()
    const [first, second] = [move(), move()]
    second.to.next(event('2'))
    const third = move()
    third.to.next(event('4'))
    second.to.next(event('3'))
    second.to.complete()
    first.to.next(event('1'))
    expect(heard).toEqual(['1'])
    first.to.complete()
    expect(heard).toEqual(['1', '2', '3', '4'])
    expect([second.leave, third.leave].map(({ mock }) => mock.calls.length)).toEqual([1, 0])
  })

  it('does not wait long for it', () => {
    const { heard, move } = start()
    const [first, second] = [move(), move()]
    second.to.next(event('2'))
    vi.advanceTimersByTime(4_999)
    expect(heard).toEqual([])
    vi.advanceTimersByTime(1)
    expect(heard).toEqual(['2'])
    first.to.next(event('late'))
    expect(heard).toEqual(['2'])
    expect(first.leave).toHaveBeenCalledOnce()
  })

  it('is given up after a while when the next says nothing', () => {
    const { heard, move } = start()
    const [first, second] = [move(), move()]
    vi.advanceTimersByTime(4_999)
    expect(first.finish).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(first.finish).toHaveBeenCalledOnce()
    first.to.complete()
    expect(first.leave).toHaveBeenCalledOnce()
    second.to.next(event('1'))
    expect(heard).toEqual(['1'])
  })

  it('moves at once to a stream that gives the present while it is joined', () => {
    const { heard, move } = start()
    const first = move((to) => to.next(event('1')))
    first.finish.mockImplementation(() => first.to.complete())
    const second = move((to) => to.next(event('2')))
    expect(first.leave).toHaveBeenCalledOnce()
    expect(second.leave).not.toHaveBeenCalled()
    expect(heard).toEqual(['1', '2'])
  })

  it('leaves a stream that had not begun when there is another', () => {
    const { heard, move } = start()
    const [first, second, third] = [move(), move(), move()]
    expect(second.leave).toHaveBeenCalledOnce()
    second.to.next(event('late'))
    first.to.next(event('1'))
    third.to.next(event('3'))
    first.to.complete()
    expect(heard).toEqual(['1', '3'])
  })

  it.each([
    ['end', (to: Subscriber) => to.complete(), 'complete'],
    ['failure', (to: Subscriber) => to.error(new Error('lost')), 'Error: lost'],
  ])('hides the %s of a stream that has a successor, and tells that of the successor', (_what, end, told) => {
    const { heard, move } = start()
    const [first, second] = [move(), move()]
    end(first.to)
    expect(heard).toEqual([])
    second.to.next(event('2'))
    end(second.to)
    expect(heard).toEqual(['2', told])
    const other = start()
    const [before, refused] = [other.move(), other.move()]
    end(refused.to)
    before.to.next(event('1'))
    before.to.complete()
    expect(other.heard).toEqual(['1', told])
  })

  it('leaves and renews whatever it follows', () => {
    const { place, move } = start()
    const streams = [move(), move()]
    place.renew()
    place.leave()
    for (const { leave, renew } of streams) {
      expect(renew).toHaveBeenCalledOnce()
      expect(leave).toHaveBeenCalled()
    }
    expect(vi.getTimerCount()).toBe(0)
    expect(move().leave).toHaveBeenCalledOnce()
  })
})
