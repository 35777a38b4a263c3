import { describe, expect, it, vi } from 'vitest'
import type { StreamEvent } from './event.ts'
import { createStream } from './stream.ts'

const event = (key: string | undefined, text: string, version?: number): StreamEvent => ({
  payload: Buffer.from(text),
  key,
  version,
})

/** A subscriber that writes down what it is told. */
function listen() {
  const heard: string[] = []
  return {
    heard,
    begin: () => undefined,
    next: ({ payload }: StreamEvent) => void heard.push(payload.toString()),
    error: (error: unknown) => void heard.push(String(error)),
    complete: () => void heard.push('complete'),
  }
}

/** A stream whose events the test gives; `end` ends it, with an error if one is given. */
function start(lingerMs = 0, known?: ReadonlyMap<string, StreamEvent>) {
  const { readable, writable } = new TransformStream<StreamEvent, StreamEvent>()
  const writer = writable.getWriter()
  const onEnd = vi.fn()
  const stream = createStream({
    async *events(signal) {
      signal.addEventListener('abort', () => void writer.abort().catch(() => undefined))
      yield* readable
    },
    lingerMs,
    known,
    onEnd,
  })
  return { stream, writer, onEnd }
}

describe('a stream', () => {
  it('gives the last event of each key to who joins late, and none of those without a key', async () => {
    const { stream, writer } = start()
    const [early, late] = [listen(), listen()]
    stream.join(early)
    for (const one of [event('a', 'a1'), event(undefined, 'x'), event('b', 'b1'), event('a', 'a2')])
      await writer.write(one)
    await vi.waitFor(() => expect(early.heard).toEqual(['a1', 'x', 'b1', 'a2']))
    stream.join(late)
    expect(late.heard).toEqual(['a2', 'b1'])
  })

  it('cannot be joined any more when it has too many keys to remember, but goes on', async () => {
    const { stream, writer } = start()
    const one = listen()
    stream.join(one)
    for (let n = 0; n < 1_000; n += 1) await writer.write(event(`${n}`, `${n}`))
    await vi.waitFor(() => expect(one.heard).toHaveLength(1_000))
    expect(stream.isJoinable()).toBe(true)
    await writer.write(event('one more', 'one more'))
    await vi.waitFor(() => expect(one.heard.at(-1)).toBe('one more'))
    expect(stream.isJoinable()).toBe(false)
    await writer.write(event('0', 'again'))
    await vi.waitFor(() => expect(one.heard.at(-1)).toBe('again'))
  })

  it.each([
    ['its end', undefined, 'complete'],
    ['its failure', new Error('lost'), 'Error: lost'],
  ])('tells all of %s, once', async (_what, error, told) => {
    const { stream, writer, onEnd } = start()
    const [one, two, gone] = [listen(), listen(), listen()]
    for (const subscriber of [one, two]) stream.join(subscriber)
    stream.join(gone)()
    await (error ? writer.abort(error) : writer.close())
    await vi.waitFor(() => expect([one.heard, two.heard, gone.heard]).toEqual([[told], [told], []]))
    expect(onEnd).toHaveBeenCalledOnce()
    expect(stream.isJoinable()).toBe(false)
    stream.retire()
    expect(onEnd).toHaveBeenCalledOnce()
  })

  it('ends without a word when the last has left, after lingering for who comes back', async () => {
    const { stream, onEnd } = start(100)
    const one = listen()
    stream.join(one)()
    const leave = stream.join(one)
    await new Promise((resolve) => setTimeout(resolve, 150))
    expect(onEnd).not.toHaveBeenCalled()
    leave()
    await vi.waitFor(() => expect(onEnd).toHaveBeenCalledOnce())
    expect(one.heard).toEqual([])
  })
  it('does not linger when it is retired, but ends with the last who follows it', () => {
    const [empty, followed] = [start(1_000), start(1_000)]
    empty.stream.join(listen())()
    const leave = followed.stream.join(listen())
    for (const { stream } of [empty, followed]) stream.retire()
    expect(empty.onEnd).toHaveBeenCalledOnce()
    expect(followed.onEnd).not.toHaveBeenCalled()
    leave()
    expect(followed.onEnd).toHaveBeenCalledOnce()
  })

  it('tells nothing older than what was known before it', async () => {
    const { stream, writer } = start(0, new Map([['a', event('a', 'a2', 2)]]))
    const one = listen()
    stream.join(one)
    for (const version of [1, 2, 3]) await writer.write(event('a', `a${version}`, version))
    await vi.waitFor(() => expect(one.heard).toEqual(['a2', 'a3']))
  })
})
