import type { Message } from '@mall/contracts'
import { createTestDatabase } from '@mall/testing'
import { createDatabase } from '../data/database.ts'

/** What a participant stands on in a test: a database of its own, and a broker that takes everything. */
export type ParticipantRoom = Awaited<ReturnType<typeof openParticipantRoom>>

export async function openParticipantRoom() {
  const database = await createTestDatabase('orders')
  const db = createDatabase({ url: database.url, poolSize: 5 })
  const sent: Message[] = []
  let lastId = 1n
  return {
    db,
    publish: async (messages: Message[]) => void sent.push(...messages),
    /** What was published since the last `forget`. */
    types: () => sent.map(({ event }) => event.type),
    forget: () => void (sent.length = 0),
    newId: () => (lastId += 1n),
    async close() {
      await db.$disconnect()
      await database.drop()
    },
  }
}
