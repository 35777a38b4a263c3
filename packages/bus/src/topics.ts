import { deadTopicOf, quarantineTopic } from '@mall/contracts'
import type { Admin, ITopicConfig } from 'kafkajs'

/** A topic to have; `keep` says that its messages are kept for ever. */
export interface TopicPlan {
  name: string
  keep?: boolean
}

/** Creates the topics that are missing, each with its dead-letter topic, and adds partitions where there are fewer. */
export async function ensureTopics(
  admin: Admin,
  plans: readonly TopicPlan[],
  { partitions = 3 }: { partitions?: number } = {},
): Promise<void> {
  const wanted: ITopicConfig[] = [
    ...plans.map(({ name, keep }) => ({
      topic: name,
      numPartitions: partitions,
      configEntries: keep ? [{ name: 'retention.ms', value: '-1' }] : [],
    })),
    ...plans.map(({ name }) => ({ topic: deadTopicOf(name), numPartitions: 1 })),
    { topic: quarantineTopic, numPartitions: 1 },
  ]
  const present = new Set(await admin.listTopics())
  const missing = wanted.filter(({ topic }) => !present.has(topic))
  // Another instance may create the same topics at the same moment, which createTopics answers with false.
  if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true })
  const { topics } = await admin.fetchTopicMetadata({ topics: plans.map(({ name }) => name) })
  const small = topics.filter((topic) => topic.partitions.length < partitions)
  if (small.length > 0)
    await admin.createPartitions({
      topicPartitions: small.map(({ name }) => ({ topic: name, count: partitions })),
    })
}
