import { AssignerProtocol, type PartitionAssigner } from 'kafkajs'

/**
 * Gives the same number of every topic to the same member, so that all events of a key come to one process: what it
 * learnt from the one before is still at hand, and two processes seldom move the same order at once.
 */
export const assignByNumber: PartitionAssigner = ({ cluster }) => ({
  name: 'ByPartitionNumber',
  version: 1,
  assign({ members, topics }) {
    const memberIds = members.map(({ memberId }) => memberId).toSorted()
    const assignments = memberIds.map((memberId, index) => {
      const assignment = Object.fromEntries(
        topics.map((topic) => [
          topic,
          cluster
            .findTopicPartitionMetadata(topic)
            .map(({ partitionId }) => partitionId)
            .filter((partition) => partition % memberIds.length === index),
        ]),
      )
      return {
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment,
          userData: Buffer.alloc(0),
        }),
      }
    })
    return Promise.resolve(assignments)
  },
  protocol: ({ topics }) => ({
    name: 'ByPartitionNumber',
    metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
  }),
})
