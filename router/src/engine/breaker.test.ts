import { expect, it } from 'vitest'
import { createBreaker } from './breaker.ts'

const settings = { threshold: 0.5, window: 5_000, minimum: 4, pause: 1_000 }
const now = Date.now()

function opened() {
  const breaker = createBreaker(settings)
  for (let index = 0; index < 4; index++) {
    expect(breaker.begin(now)).toBe(true)
    breaker.failed(now)
  }
  return breaker
}

it('stays closed while few fail, or few were asked', () => {
  const breaker = createBreaker(settings)
  for (let index = 0; index < 3; index++) breaker.failed(now)
  expect(breaker.begin(now)).toBe(true)
  for (let index = 0; index < 10; index++) breaker.succeeded()
  for (let index = 0; index < 6; index++) breaker.failed(now)
  expect(breaker.begin(now)).toBe(true)
})

it('opens when most fail, and lets one try after the pause', () => {
  const breaker = opened()
  expect([breaker.isOpen(), breaker.begin(now + 999)]).toEqual([true, false])
  expect([breaker.begin(now + 1_000), breaker.begin(now + 1_000)]).toEqual([true, false])
  expect(breaker.isOpen()).toBe(true)
  breaker.succeeded()
  expect(breaker.isOpen()).toBe(false)
  expect([breaker.begin(now + 1_001), breaker.begin(now + 1_001)]).toEqual([true, true])
})

it('opens again for as long when the one that tries fails', () => {
  const breaker = opened()
  breaker.begin(now + 1_000)
  breaker.failed(now + 1_500)
  expect([breaker.begin(now + 2_499), breaker.begin(now + 2_500)]).toEqual([false, true])
})

it('lets the next one try when the one that tried was given up', () => {
  const breaker = opened()
  breaker.begin(now + 1_000)
  breaker.gaveUp()
  expect([breaker.begin(now + 1_000), breaker.begin(now + 1_000)]).toEqual([true, false])
})

it('takes no notice of what was begun before it opened', () => {
  const breaker = opened()
  breaker.succeeded()
  breaker.failed(now + 900)
  expect([breaker.begin(now + 999), breaker.begin(now + 1_000)]).toEqual([false, true])
})

it('opens at once where nobody is there', () => {
  const breaker = createBreaker(settings)
  breaker.failed(now, true)
  expect(breaker.begin(now)).toBe(false)
})
