import { randomUUID } from 'node:crypto'
import { deadTopicOf, quarantineTopic } from '@mall/contracts'
import type { Logger } from '@mall/service/logger'
import type { Admin, Kafka } from 'kafkajs'
import { connectKafka } from './kafka.ts'
import { createNames } from './names.ts'
import { plainProducer, sendAsTheyAre } from './producer.ts'
import { deadHeader, headersOf, type Received } from './received.ts'
import { header } from './signature.ts'

/** A message that could not be handled, as an operator wants to see it. */
export interface DeadLetter {
  eventId: string
  key: string
  /** Where it was published first. */
  topic: string
  partition: number
  offset: string
  reason: string
  tries: number
  /** When it was put aside. */
  since: Date
  value: string
}

/** What can be done with the dead letters of a topic, or with what is in `quarantine`. */
export interface DeadLetters {
  list(topic: string): Promise<DeadLetter[]>
  /**
   * Publishes them again, unchanged and with their first signature, where they came from; returns how many. If this is
   * interrupted they are published once more by the next replay, which consumers must expect of every message.
   */
  replay(topic: string): Promise<number>
  /** Deletes them; returns how many. */
  drop(topic: string): Promise<number>
  close(): Promise<void>
}

/** Opens the dead-letter topics for an operator. */
export async function openDeadLetters(options: {
  brokers: readonly string[]
  logger: Logger
  namespace?: string
}): Promise<DeadLetters> {
  const kafka = connectKafka({ ...options, clientId: 'dead-letters' })
  const names = createNames(options.namespace)
  const nameOf = (topic: string) =>
    names.outside(topic === quarantineTopic ? quarantineTopic : deadTopicOf(topic))
  const admin = kafka.admin()
  await admin.connect()
  return {
    list: async (topic) => (await readAll(kafka, admin, nameOf(topic))).map(describeLetter),
    async replay(topic) {
      const letters = await readAll(kafka, admin, nameOf(topic))
      const producer = plainProducer(kafka)
      await producer.connect()
      try {
        // In small requests, as each letter may be large.
        for (const letter of letters) await sendAsTheyAre(producer, [originalOf(letter)])
      } finally {
        await producer.disconnect()
      }
      await forget(admin, nameOf(topic), letters)
      return letters.length
    },
    async drop(topic) {
      const letters = await readAll(kafka, admin, nameOf(topic))
      await forget(admin, nameOf(topic), letters)
      return letters.length
    },
    close: () => admin.disconnect(),
  }
}

/** All messages that are in a topic now. */
async function readAll(kafka: Kafka, admin: Admin, topic: string): Promise<Received[]> {
  if (!(await admin.listTopics()).includes(topic)) throw new Error(`There is no topic ${topic}`)
  const ends = (await admin.fetchTopicOffsets(topic)).filter(({ low, high }) => low !== high)
  if (ends.length === 0) return []
  const missing = new Map(ends.map(({ partition, high }) => [partition, BigInt(high) - 1n]))
  const found: Received[] = []
  const groupId = `dead-letters-${randomUUID()}`
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 250, allowAutoTopicCreation: false })
  const complete = Promise.withResolvers<void>()
  await consumer.connect()
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const last = missing.get(partition)
        if (last === undefined) return
        found.push({ topic, partition, message })
        if (BigInt(message.offset) >= last) missing.delete(partition)
        if (missing.size === 0) complete.resolve()
      },
    })
    await complete.promise
  } finally {
    await consumer.disconnect()
  }
  await admin.deleteGroups([groupId])
  return found
}

/** Deletes what was read, and nothing that came later. */
async function forget(admin: Admin, topic: string, letters: readonly Received[]): Promise<void> {
  const ends = new Map<number, bigint>()
  for (const { partition, message } of letters) ends.set(partition, BigInt(message.offset) + 1n)
  if (ends.size === 0) return
  const partitions = [...ends].map(([partition, offset]) => ({ partition, offset: String(offset) }))
  await admin.deleteTopicRecords({ topic, partitions })
}

function originalOf({ topic: deadTopic, message }: Received) {
  const headers = headersOf(message)
  const topic = headers[deadHeader.topic]
  if (!topic)
    throw new Error(`The message at ${message.offset} of ${deadTopic} does not say where it came from`)
  const { key, value } = message
  for (const name of Object.values(deadHeader)) delete headers[name]
  return { topic, key, value, headers }
}

function describeLetter({ message }: Received): DeadLetter {
  const headers = headersOf(message)
  return {
    eventId: headers[header.eventId] ?? '',
    key: message.key?.toString() ?? '',
    topic: headers[deadHeader.topic] ?? '',
    partition: Number(headers[deadHeader.partition] ?? -1),
    offset: headers[deadHeader.offset] ?? '',
    reason: headers[deadHeader.reason] ?? '',
    tries: Number(headers[deadHeader.tries] ?? 0),
    since: new Date(Number(message.timestamp)),
    value: message.value?.toString() ?? '',
  }
}
