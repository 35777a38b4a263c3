import { expect, it } from 'vitest'
import { isOlder } from './event.ts'

const event = (version?: unknown) => ({ payload: Buffer.alloc(0), key: 'k', version })

it.each([
  [1, 2, true],
  [2, 2, false],
  [3, 2, false],
  [9, '10', true],
  ['9', '10', true],
  ['9007199254740993', '9007199254740992', false],
  ['2026-01-01T09:00:00Z', '2026-01-01T09:30:00+00:00', true],
  ['2026-01-01T09:00:00Z', '2026-01-01T09:30:00+01:00', false],
  [null, 2, false],
  [1, undefined, false],
  ['one', 'two', false],
])('version %j is older than %j: %j', (version, known, older) => {
  expect(isOlder(event(version), event(known))).toBe(older)
})

it('the first is never older', () => {
  expect(isOlder(event(1), undefined)).toBe(false)
})
