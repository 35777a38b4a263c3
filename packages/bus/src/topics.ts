import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'
import type { Names } from './names.ts'

/** A topic to have; `keep` says that its messages are kept for ever. */
export interface TopicPlan {
  name: string
  keep?: boolean
}

/** What nobody reads at once must wait for somebody: 30 days. */
const deadRetentionMs = 30 * 24 * 3_600_000
const knownWithinMs = 30_000

/**
 * Creates the topics that are missing, each with its dead-letter topic, adds partitions where there are fewer, and
 * waits until all have leaders. Several instances may do so at the same time.
 */
export async function ensureTopics(
  { admin, names }: { admin: Admin; names: Names },
  plans: readonly TopicPlan[],
  { partitions = 3 }: { partitions?: number } = {},
): Promise<void> {
  const kept = (retentionMs: number) => [{ name: 'retention.ms', value: String(retentionMs) }]
  const wanted: ITopicConfig[] = [
    ...plans.map(({ name, keep }) => ({
      topic: names.outside(name),
      numPartitions: partitions,
      configEntries: keep ? kept(-1) : [],
    })),
    ...[...plans.map(({ name }) => names.dead(name)), names.quarantine].map((topic) => ({
      topic,
      numPartitions: 1,
      configEntries: kept(deadRetentionMs),
    })),
  ]
  const present = new Set(await admin.listTopics())
  const missing = wanted.filter(({ topic }) => !present.has(topic))
  // Another instance may create the same topics at the same moment, which createTopics answers with false.
  if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: false })
  const topics = plans.map(({ name }) => names.outside(name))
  await untilKnown(() => growTo(partitions, admin, topics))
  // Metadata names a leader before that broker knows of it; it has to be asked for what only a leader answers.
  const created = missing.map(({ topic }) => topic)
  for (const topic of new Set([...topics, ...created])) await untilKnown(() => admin.fetchTopicOffsets(topic))
}

async function growTo(count: number, admin: Admin, topics: string[]): Promise<void> {
  const small = await smallerThan(count, admin, topics)
  if (small.length === 0) return
  try {
    await admin.createPartitions({ topicPartitions: small.map((topic) => ({ topic, count })) })
  } catch (error) {
    // Refused if another instance was faster; then they are there.
    if ((await smallerThan(count, admin, topics)).length > 0) throw error
  }
}

async function smallerThan(count: number, admin: Admin, topics: string[]): Promise<string[]> {
  const metadata = await admin.fetchTopicMetadata({ topics })
  return metadata.topics.filter(({ partitions }) => partitions.length < count).map(({ name }) => name)
}

// What was just created is unknown for a moment, which kafkajs does not always wait for.
async function untilKnown(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + knownWithinMs
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await sleep(50)
    }
  }
}
