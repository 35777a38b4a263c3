import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { deadTopicOf, quarantineTopic } from '@mall/contracts'
import { testKafkaBrokers } from '@mall/testing'
import { Kafka, logLevel, type IHeaders } from 'kafkajs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bus } from './bus.ts'
import { header, signatureOf } from './signature.ts'
import { createTestBus, freshNamespace, labelOf, release, testKey, until } from './testing/test-bus.ts'

const topic = 'stock-release'

describe('the bus', () => {
  let bus: Bus
  let namespace: string
  beforeEach(async () => {
    namespace = freshNamespace()
    bus = await createTestBus(testKafkaBrokers(), { namespace })
    await bus.ensureTopics([{ name: topic }], { partitions: 3 })
  })
  afterEach(() => bus.close())

  it('delivers the events of one key in the order they were published', async () => {
    const seen = await listen()
    const sent = Array.from({ length: 300 }, (_, i) => release(i % 7, String(i)))
    await Promise.all(sent.map((message) => bus.publish([message])))
    await until('all are there', () => seen.length === sent.length)
    for (let order = 0; order < 7; order += 1) {
      const ofOrder = (label: string) => label.startsWith(`${order}:`)
      expect(seen.filter(ofOrder)).toEqual(sent.map(({ event }) => labelOf(event)).filter(ofOrder))
    }
    expect(bus.counts()).toMatchObject({ published: { [topic]: 300 }, handled: { [topic]: 300 } })
  })

  it('acknowledges together what is published at the same time', async () => {
    await bus.publish([release(0)])
    const alone = await timed(async () => {
      for (let i = 0; i < 200; i += 1) await bus.publish([release(i)])
    })
    const together = await timed(() =>
      Promise.all(Array.from({ length: 200 }, (_, i) => bus.publish([release(i)]))),
    )
    expect(together).toBeLessThan(alone / 4)
  })

  it('hands over what several partitions bring in calls of at most 200', async () => {
    await bus.publish(Array.from({ length: 900 }, (_, i) => release(i)))
    const sizes: number[] = []
    await bus.consume({
      group: 'readers',
      topics: [topic],
      handle: async (events) => void sizes.push(events.length),
    })
    await until('all are there', () => sum(sizes) === 900)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(200)
    expect(sizes.length).toBeLessThan(20)
  })

  it('sends more than a request may hold, and refuses what no request can hold', async () => {
    const seen = await listen()
    await bus.publish(Array.from({ length: 30 }, (_, i) => release(1, String(i), 'x'.repeat(50_000))))
    await until('all are there', () => seen.length === 30)
    const tooLarge = bus.publish([release(1, 'large', 'x'.repeat(500_000))])
    await expect(tooLarge).rejects.toMatchObject({ name: 'PublishError', retriable: false })
  })

  it('tries again what failed, without another event overtaking it', async () => {
    let failures = 2
    const seen: string[] = []
    await bus.consume({
      group: 'readers',
      topics: [topic],
      async handle(events) {
        if (failures-- > 0) throw new Error('deadlock detected')
        seen.push(...events.map(labelOf))
      },
    })
    await bus.publish([release(1, 'a'), release(1, 'b'), release(1, 'c')])
    await until('all are there', () => seen.length === 3)
    expect(seen).toEqual(['1:a', '1:b', '1:c'])
    expect(bus.counts()).toMatchObject({ dead: {}, quarantined: {} })
  })

  it('puts the one event that cannot be handled on the dead-letter topic and goes on', async () => {
    const seen: string[] = []
    await bus.consume({
      group: 'readers',
      topics: [topic],
      async handle(events) {
        if (events.some((event) => labelOf(event) === '1:b')) throw new Error('no such order')
        seen.push(...events.map(labelOf))
      },
    })
    await bus.publish([release(1, 'a'), release(1, 'b'), release(1, 'c')])
    const [dead] = await readRaw(deadTopicOf(topic), 1)
    await until('the others are there', () => seen.includes('1:c'))
    expect(new Set(seen)).toEqual(new Set(['1:a', '1:c']))
    expect(dead?.value).toContain('"reason":"b"')
    expect(dead?.headers).toMatchObject({
      'x-dead-reason': 'Error: no such order',
      'x-dead-topic': `${namespace}${topic}`,
      'x-dead-tries': '4',
      [header.region]: 'test',
    })
    expect(Object.keys(dead?.headers ?? {})).toEqual(
      expect.arrayContaining(['x-dead-partition', 'x-dead-offset', header.signature]),
    )
    expect(bus.counts().dead).toEqual({ [topic]: 1 })
  })

  it('puts what is forged, unsigned or unreadable in quarantine and goes on', async () => {
    const seen = await listen()
    const forged = await createTestBus(testKafkaBrokers(), {
      namespace,
      signingKeys: [{ ...testKey, secret: 'not-the-secret-at-all' }],
    })
    await forged.publish([release(1, 'forged')])
    await forged.close()
    await sendRaw('{"unsigned":true}', {})
    await sendRaw('not JSON', signedHeaders('not JSON'))
    await sendRaw('{"id":"1"}', signedHeaders('{"id":"1"}'))
    await bus.publish([release(1, 'honest')])
    const quarantined = await readRaw(quarantineTopic, 4)
    await until('the honest one is there', () => seen.includes('1:honest'))
    expect(seen).toEqual(['1:honest'])
    expect(quarantined.map(({ headers }) => headers['x-dead-reason']).sort()).toEqual([
      'it is not JSON',
      'it is not signed',
      'its envelope lacks a field',
      'its signature is wrong',
    ])
    expect(bus.counts().quarantined).toEqual({ [topic]: 4 })
  })

  it('delivers again what was handled by a process that died before it committed', async () => {
    await bus.publish([release(1, 'a'), release(1, 'b')])
    const script = join(import.meta.dirname, 'testing', 'crashing-consumer.ts')
    const output = await new Promise<string>((resolve) => {
      execFile(process.execPath, [script, testKafkaBrokers().join(','), namespace], (_, stdout) =>
        resolve(stdout),
      )
    })
    expect(output).toBe('1:a 1:b\n')
    const seen = await listen()
    await until('both are there again', () => seen.length === 2)
    expect(seen).toEqual(['1:a', '1:b'])
  })

  async function listen(): Promise<string[]> {
    const seen: string[] = []
    await bus.consume({
      group: 'readers',
      topics: [topic],
      handle: async (events) => void seen.push(...events.map(labelOf)),
    })
    return seen
  }

  function signedHeaders(value: string): Record<string, string> {
    const headers = { [header.eventId]: '1', [header.traceId]: '1', [header.keyId]: testKey.id }
    const parts = { topic: `${namespace}${topic}`, key: '1', headers, value: Buffer.from(value) }
    return { ...headers, [header.signature]: signatureOf(parts, testKey.secret) }
  }

  async function sendRaw(value: string, headers: IHeaders): Promise<void> {
    const producer = plainKafka().producer()
    await producer.connect()
    await producer.send({ topic: `${namespace}${topic}`, messages: [{ key: '1', value, headers }] })
    await producer.disconnect()
  }

  async function readRaw(name: string, count: number) {
    const found: { value: string; headers: Record<string, string> }[] = []
    const consumer = plainKafka().consumer({ groupId: `${namespace}raw-${name}`, maxWaitTimeInMs: 100 })
    await consumer.connect()
    await consumer.subscribe({ topics: [`${namespace}${name}`], fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message }) => {
        const headers = Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)])
        found.push({ value: String(message.value), headers: Object.fromEntries(headers) })
      },
    })
    await until(`${count} messages in ${name}`, () => found.length >= count)
    await consumer.disconnect()
    return found
  }
})

const plainKafka = () => new Kafka({ brokers: testKafkaBrokers(), logLevel: logLevel.NOTHING })
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
