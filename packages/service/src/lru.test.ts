import { expect, it } from 'vitest'
import { createLru } from './lru.ts'

it('remembers what was set, and forgets what was deleted', () => {
  const lru = createLru<string, number>(10)
  lru.set('a', 1)
  lru.set('a', 2)
  lru.set('b', 3)
  expect([lru.get('a'), lru.get('b'), lru.get('c')]).toEqual([2, 3, undefined])
  lru.delete('a')
  expect(lru.get('a')).toBeUndefined()
  expect([...lru.values()]).toEqual([3])
})

it('keeps the half that was used last, and never more than it may', () => {
  const lru = createLru<number, number>(100)
  lru.set(-1, -1)
  for (let key = 0; key < 10_000; key += 1) {
    lru.set(key, key)
    // Looked at all the time, so it stays.
    expect(lru.get(-1)).toBe(-1)
    expect([...lru.values()].length).toBeLessThanOrEqual(100)
  }
  for (let key = 9_999; key > 9_999 - 49; key -= 1) expect(lru.get(key)).toBe(key)
  expect(lru.get(9_000)).toBeUndefined()
})

it('has every entry once', () => {
  const lru = createLru<string, string>(4)
  for (const key of ['a', 'b', 'c']) lru.set(key, key)
  lru.get('a')
  lru.set('b', 'b')
  expect([...lru.values()].toSorted()).toEqual([...new Set(lru.values())].toSorted())
})
