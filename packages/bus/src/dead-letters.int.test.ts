import { createLogger } from '@mall/service/logger'
import { testKafkaBrokers } from '@mall/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from './bus.ts'
import { openDeadLetters, type DeadLetters } from './dead-letters.ts'
import { createTestBus, freshNamespace, labelOf, release, until } from './testing/test-bus.ts'

const topic = 'stock-release'

describe('the dead letters of a topic', () => {
  let bus: Bus
  let letters: DeadLetters
  let isMended: boolean
  let seen: string[]
  beforeEach(async () => {
    const namespace = freshNamespace()
    bus = await createTestBus(testKafkaBrokers(), { namespace })
    letters = await openDeadLetters({
      brokers: testKafkaBrokers(),
      namespace,
      logger: createLogger({ name: 'dead-letters-test', level: 'silent' }),
    })
    await bus.ensureTopics([{ name: topic }])
    isMended = false
    seen = []
    await bus.consume({
      group: 'readers',
      topics: [topic],
      async handle(events) {
        if (!isMended) throw new TypeError('total is undefined')
        seen.push(...events.map(labelOf))
      },
    })
    await bus.publish([release(1, 'a'), release(2, 'b')])
    await until('both are dead', () => bus.counts().dead[topic] === 2)
  })
  afterEach(async () => {
    await letters.close()
    await bus.close()
  })

  it('are listed with why and from where they came', async () => {
    const found = await letters.list(topic)
    expect(found.map(({ key }) => key).sort()).toEqual(['1', '2'])
    expect(found[0]).toMatchObject({ reason: 'TypeError: total is undefined', tries: 1 })
    expect(found[0]?.topic).toContain(topic)
  })

  it('are handled after a replay, still trusted, and gone', async () => {
    isMended = true
    expect(await letters.replay(topic)).toBe(2)
    await until('both are handled', () => seen.length === 2)
    expect(seen.sort()).toEqual(['1:a', '2:b'])
    expect(bus.counts().quarantined).toEqual({})
    expect(await letters.list(topic)).toEqual([])
  })

  it('can be dropped', async () => {
    expect(await letters.drop(topic)).toBe(2)
    expect(await letters.list(topic)).toEqual([])
    expect(await letters.drop(topic)).toBe(0)
  })

  it('are refused for a topic that does not exist', async () => {
    await expect(letters.list('no-such-topic')).rejects.toThrow('There is no topic')
  })
})
