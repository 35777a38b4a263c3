import { describe, expect, it } from 'vitest'
import { forgetAttempt, keyOfAttempt } from './attempt.ts'

function memory(value: string | null = null) {
  return { get: () => value, set: (next: string | null) => void (value = next) }
}

function keys() {
  let last = 0
  return () => `key-${++last}`
}

describe('keyOfAttempt', () => {
  it('is the same for the same order, also after a reload', () => {
    const [kept, next] = [memory(), keys()]
    expect(keyOfAttempt(kept, { lines: [1] }, next)).toBe('key-1')
    expect(keyOfAttempt(kept, { lines: [1] }, next)).toBe('key-1')
  })

  it('is new for another order', () => {
    const [kept, next] = [memory(), keys()]
    keyOfAttempt(kept, { lines: [1] }, next)
    expect(keyOfAttempt(kept, { lines: [2] }, next)).toBe('key-2')
  })

  it('is new once the order exists', () => {
    const [kept, next] = [memory(), keys()]
    keyOfAttempt(kept, { lines: [1] }, next)
    forgetAttempt(kept)
    expect(keyOfAttempt(kept, { lines: [1] }, next)).toBe('key-2')
  })

  it('begins anew when what is stored cannot be read', () => {
    expect(keyOfAttempt(memory('{"key":1'), {}, keys())).toBe('key-1')
  })
})
