import { createMessage } from '@mall/contracts'
import { testKafkaBrokers } from '@mall/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from './bus.ts'
import { createTestBus, freshNamespace, labelOf, release, until } from './testing/test-bus.ts'

const topic = 'stock-release'

describe('a group of two instances', () => {
  let buses: Bus[]
  let namespace: string
  beforeEach(async () => {
    namespace = freshNamespace()
    buses = await Promise.all([1, 2].map(() => createTestBus(testKafkaBrokers(), { namespace })))
    await Promise.all(buses.map((bus) => bus.ensureTopics([{ name: topic }], { partitions: 4 })))
  })
  afterEach(async () => {
    await Promise.all(buses.map((bus) => bus.close()))
  })

  it('shares the partitions, each event going to one of them', async () => {
    const seen = await Promise.all(buses.map(listen))
    await publishUntil(() => seen.every(({ labels }) => labels.length > 0))
    const before = seen.map(({ labels }) => labels.length)
    await publish(100, 'shared')
    const shared = () => seen.flatMap(({ labels }) => labels.filter((label) => label.endsWith('shared')))
    await until('all are there', () => shared().length >= 100)
    expect(new Set(shared()).size).toBe(100)
    expect(shared()).toHaveLength(100)
    seen.forEach(({ labels }, i) => expect(labels.length).toBeGreaterThan(before[i] ?? 0))
  })

  it('brings all events of a key to one of them, whatever their topics', async () => {
    const topics = [topic, 'warehouse-released']
    const released = (orderId: number) => createMessage('warehouse-released', { orderId: String(orderId) })
    await buses[0]?.ensureTopics([{ name: 'warehouse-released' }], { partitions: 4 })
    const keys = buses.map(() => new Set<string>())
    await Promise.all(
      buses.map((bus, i) =>
        bus.consume({
          group: 'together',
          topics,
          async handle(events) {
            for (const { data, type } of events)
              if ('orderId' in data) keys[i]?.add(`${data.orderId} ${type}`)
          },
        }),
      ),
    )
    await publishUntil(() => keys.every(({ size }) => size > 0))
    for (const seen of keys) seen.clear()
    await buses[0]?.publish(Array.from({ length: 40 }, (_, i) => [release(i), released(i)]).flat())
    await until('all are there', () => keys.reduce((sum, { size }) => sum + size, 0) >= 80)
    for (const seen of keys)
      expect(
        [...seen]
          .filter((key) => key.endsWith(topic))
          .map((key) => key.split(' ')[0])
          .toSorted(),
      ).toEqual(
        [...seen]
          .filter((key) => !key.endsWith(topic))
          .map((key) => key.split(' ')[0])
          .toSorted(),
      )
  })

  it('hands over within a second when one stops, and does nothing again', async () => {
    const [stays, leaves] = await Promise.all(buses.map(listen))
    if (!stays || !leaves) throw new Error('two instances are needed')
    await publishUntil(() => stays.labels.length > 0 && leaves.labels.length > 0)
    await publish(100, 'before')
    const before = () => [...stays.labels, ...leaves.labels].filter((label) => label.endsWith('before'))
    await until('all of the first are there', () => before().length >= 100)

    const stop = performance.now()
    await leaves.consumer.stop()
    await publish(100, 'after')
    await until(
      'the rest is there',
      () => stays.labels.filter((label) => label.endsWith('after')).length >= 100,
    )
    expect(performance.now() - stop).toBeLessThan(1_000)
    expect(before()).toHaveLength(100)
    expect(leaves.consumer.healthy()).toBe(false)
    expect(stays.consumer.healthy()).toBe(true)
  })

  it('knows when it has caught up', async () => {
    await publish(50, 'early')
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const consumer = await buses[0]?.consume({ group: 'slow', topics: [topic], handle: () => held })
    expect(await consumer?.caughtUp()).toBe(false)
    release()
    await until('the group has caught up', async () => (await consumer?.caughtUp()) ?? false)
  })

  it('starts at the end when it is told to', async () => {
    await publish(20, 'old')
    const labels: string[] = []
    const consumer = await buses[0]?.consume({
      group: 'late',
      topics: [topic],
      fromBeginning: false,
      handle: async (events) => void labels.push(...events.map(labelOf)),
    })
    expect(await consumer?.caughtUp()).toBe(true)
    await publishUntil(() => labels.length > 0)
    expect(labels.filter((label) => label.endsWith('old'))).toEqual([])
  })

  it('keeps its partitions while a call takes longer than a session', async () => {
    const impatient = await createTestBus(testKafkaBrokers(), {
      namespace,
      session: { timeoutMs: 1_500, heartbeatMs: 300 },
    })
    const calls: number[] = []
    await impatient.consume({
      group: 'slow',
      topics: [topic],
      async handle(events) {
        calls.push(events.length)
        await new Promise((resolve) => setTimeout(resolve, 3_000))
      },
    })
    await publish(1, 'slow')
    await until('it is being handled', () => calls.length === 1)
    await new Promise((resolve) => setTimeout(resolve, 4_000))
    await impatient.close()
    expect(calls).toEqual([1])
  })

  it('may be asked for topics by many at once, and grows them', async () => {
    const names = ['payment-refund', 'payment-close'].map((name) => ({ name }))
    await Promise.all(buses.map((bus) => bus.ensureTopics(names, { partitions: 2 })))
    await Promise.all(buses.map((bus) => bus.ensureTopics(names, { partitions: 5 })))
    await Promise.all(buses.map((bus) => bus.ensureTopics(names, { partitions: 3 })))
  })

  async function listen(bus: Bus) {
    const labels: string[] = []
    const consumer = await bus.consume({
      group: 'readers',
      topics: [topic],
      handle: async (events) => void labels.push(...events.map(labelOf)),
    })
    return { labels, consumer }
  }

  async function publish(count: number, reason: string): Promise<void> {
    await buses[0]?.publish(Array.from({ length: count }, (_, i) => release(i, reason)))
  }

  // Who joins a group takes a moment to get its partitions.
  const publishUntil = (holds: () => boolean) =>
    until('all listen', async () => {
      await publish(20, 'hello')
      return holds()
    })
})
