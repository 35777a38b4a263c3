import type { Admin } from 'kafkajs'

/**
 * True when a group has nothing left to do that is in its topics now. A partition without a position counts as done
 * when it is empty, or when the group starts at the end of its topics.
 */
export async function isCaughtUp(
  admin: Admin,
  { group, topics, fromBeginning }: { group: string; topics: readonly string[]; fromBeginning: boolean },
): Promise<boolean> {
  const ends = await Promise.all(
    topics.map(async (topic) => ({ topic, partitions: await admin.fetchTopicOffsets(topic) })),
  )
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] })
  const positions = new Map(
    committed.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic}/${partition}`, BigInt(offset)]),
    ),
  )
  return ends.every(({ topic, partitions }) =>
    partitions.every(({ partition, high, low }) => {
      const position = positions.get(`${topic}/${partition}`) ?? -1n
      return position < 0n ? high === low || !fromBeginning : position >= BigInt(high)
    }),
  )
}
