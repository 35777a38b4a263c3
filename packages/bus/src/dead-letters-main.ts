import { brokers } from '@mall/service/config'
import { createLogger } from '@mall/service/logger'
import { openDeadLetters, type DeadLetters } from './dead-letters.ts'

const usage = `npm run dead-letters -- <what> <topic>
  list    shows the dead letters of a topic and why they are there
  replay  publishes them again where they came from
  drop    deletes them
The topic is that of the event, such as order-placed, or quarantine. KAFKA_BROKERS says where Kafka is.`

const [what = '', topic = ''] = process.argv.slice(2)
const actions: Record<string, (letters: DeadLetters) => Promise<void>> = {
  async list(letters) {
    const found = await letters.list(topic)
    for (const { since, topic, partition, offset, key, eventId, tries, reason, value } of found)
      console.log(
        `${since.toISOString()} ${topic}/${partition}@${offset} key ${key} event ${eventId}\n  ${tries} tries: ${reason}\n  ${value}`,
      )
    console.log(`${found.length} dead letters`)
  },
  async replay(letters) {
    console.log(`${await letters.replay(topic)} published again`)
  },
  async drop(letters) {
    console.log(`${await letters.drop(topic)} deleted`)
  },
}

try {
  process.exitCode = await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function run(): Promise<number> {
  const act = actions[what]
  if (!act || !topic) {
    console.error(usage)
    return 2
  }
  const list = brokers().safeParse(process.env.KAFKA_BROKERS)
  if (!list.success) {
    console.error(`KAFKA_BROKERS: ${list.error.issues[0]?.message}`)
    return 2
  }
  const logger = createLogger({ name: 'dead-letters', level: 'error' })
  const letters = await openDeadLetters({ brokers: list.data, logger })
  try {
    await act(letters)
    return 0
  } finally {
    await letters.close()
  }
}
