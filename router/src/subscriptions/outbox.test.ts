import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { StreamEvent } from './event.ts'
import { createOutbox } from './outbox.ts'

const KB = 1_024
const event = (text: string, key?: string, version?: unknown): StreamEvent => ({
  payload: Buffer.from(text),
  key,
  version,
})

/** A client that reads nothing until `readAll`. */
function start() {
  const to = new PassThrough()
  let isOpen = true
  const counts = { conflated: 0 }
  const outbox = createOutbox({
    to,
    isOpen: () => isOpen,
    render: (operation, { payload }) => Buffer.from(`${operation}:${payload.toString()};`),
    counts,
  })
  const fill = () => outbox.message(Buffer.alloc(200 * KB, '.'))
  const readAll = async () => {
    const read = await Array.fromAsync(to.iterator({ destroyOnReturn: false }), String)
    return read.join('').replaceAll('.', '')
  }
  return { outbox, counts, to, fill, readAll, shut: () => (isOpen = false) }
}

describe('an outbox', () => {
  it('keeps the newest of each key and operation, in the order in which they came', async () => {
    const { outbox, counts, fill, readAll } = start()
    fill()
    outbox.event('1', event('a1', 'a', 1))
    outbox.event('1', event('b1', 'b', 1))
    outbox.event('2', event('a1', 'a', 1))
    outbox.event('1', event('a3', 'a', 3))
    outbox.event('1', event('a2', 'a', 2))
    outbox.end()
    expect(await readAll()).toBe('1:b1;2:a1;1:a3;')
    // The first of them, and the one that came too late.
    expect(counts.conflated).toBe(2)
  })

  it('keeps every event without a key, and messages in their place', async () => {
    const { outbox, fill, readAll } = start()
    fill()
    outbox.event('1', event('x'))
    outbox.message(Buffer.from('m;'))
    outbox.event('1', event('y'))
    outbox.end()
    expect(await readAll()).toBe('1:x;m;1:y;')
  })

  it('forgets what waits of one operation', async () => {
    const { outbox, fill, readAll } = start()
    fill()
    outbox.event('1', event('x'))
    outbox.event('2', event('y'))
    outbox.forget('1')
    outbox.end()
    expect(await readAll()).toBe('2:y;')
  })

  it('refuses events above 1 MB, but those that take the place of others fit, however many', () => {
    const { outbox, fill } = start()
    fill()
    const large = 'x'.repeat(300 * KB)
    for (let version = 0; version < 50; version += 1)
      expect(outbox.event('1', event(large, 'a', version))).toBe(true)
    expect(outbox.event('1', event(large))).toBe(true)
    expect(outbox.event('1', event(large))).toBe(true)
    expect(outbox.event('1', event(large))).toBe(false)
    outbox.forget('1')
    expect(outbox.event('1', event(large))).toBe(true)
  })

  it('keeps 3 MB of newest states, such as the present of many keys that comes at once', () => {
    const { outbox } = start()
    const state = 'x'.repeat(3 * KB)
    for (let n = 0; n < 1_000; n += 1) expect(outbox.event('1', event(state, `key ${n}`, 1))).toBe(true)
    const refused = Array.from({ length: 100 }, (_, n) => outbox.event('2', event(state, `key ${n}`, 1)))
    expect(refused.at(-1)).toBe(false)
  })

  it('cuts off a client that lets messages pile up', () => {
    const { fill, to } = start()
    for (let n = 0; n < 20; n += 1) fill()
    expect(to.destroyed).toBe(false)
    fill()
    expect(to.destroyed).toBe(true)
  })

  it('writes nothing when its client is closed', () => {
    const { outbox, to, shut } = start()
    shut()
    outbox.message(Buffer.from('m'))
    expect(outbox.event('1', event('x'))).toBe(true)
    expect(to.writableLength + to.readableLength).toBe(0)
  })
})
