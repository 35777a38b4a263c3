import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger } from '@mall/service/logger'
import type { Consumer } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'
import { reviveAfterCrash } from './revival.ts'

const logger = createLogger({ name: 'revival', level: 'silent' })

/** A consumer that crashes when told to, and counts how often it is run. */
function createCrashing(fails: number[] = []) {
  const listeners: ((event: { payload: { restart: boolean } }) => void)[] = []
  const stopping = new AbortController()
  let runs = 0
  const consumer = {
    events: { CRASH: 'consumer.crash' },
    on: (_name: string, listener: (typeof listeners)[number]) => listeners.push(listener),
  } as unknown as Consumer
  const run = async () => {
    runs += 1
    if (fails.includes(runs)) throw new Error('The broker is away')
  }
  reviveAfterCrash(consumer, run, { signal: stopping.signal, logger, delayMs: 1 })
  return {
    crash: (restart: boolean) => listeners.forEach((listener) => listener({ payload: { restart } })),
    stop: () => stopping.abort(),
    runs: () => runs,
  }
}

describe('a consumer that kafkajs has given up', () => {
  it('is run again', async () => {
    const one = createCrashing()
    one.crash(false)
    await vi.waitFor(() => expect(one.runs()).toBe(1))
  })

  it('is run again until that works', async () => {
    const one = createCrashing([1, 2])
    one.crash(false)
    await vi.waitFor(() => expect(one.runs()).toBe(3))
  })

  it('is left to kafkajs when that starts it again by itself', async () => {
    const one = createCrashing()
    one.crash(true)
    await sleep(20)
    expect(one.runs()).toBe(0)
  })

  it('stays down once it is being stopped', async () => {
    const one = createCrashing()
    one.stop()
    one.crash(false)
    await sleep(20)
    expect(one.runs()).toBe(0)
  })
})
