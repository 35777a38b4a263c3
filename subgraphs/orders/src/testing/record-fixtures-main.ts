/**
 * `npm run record:fixtures`: lets the stories that have no fixture yet happen in a database of their own on the started
 * mall's PostgreSQL (npm start), and records what it then holds. `-- --order <id> --name <name>` records an order of
 * the started mall instead. What is recorded once is never recorded anew.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { root, type MallState } from '@mall/stack'
import { createTestDatabase } from '@mall/testing'
import { createDatabase, type Database } from '../data/database.ts'
import { createReadModel } from '../data/read-model.ts'
import { fixtureNames, writeFixture } from './fixtures.ts'
import { createSagaRoom } from './saga-room.ts'
import { stories } from './stories.ts'

const { values } = parseArgs({ options: { order: { type: 'string' }, name: { type: 'string' } } })
const statePath = process.env.MALL_STATE ?? `${root}/.data/mall.json`
const { infrastructure, databases } = JSON.parse(readFileSync(statePath, 'utf8')) as MallState

if (values.order && values.name) await recordOrder(BigInt(values.order), values.name)
else await recordStories()

async function recordOrder(id: bigint, name: string): Promise<void> {
  const db = createDatabase({ url: databases.orders, poolSize: 1 })
  await record(db, id, name)
  await db.$disconnect()
}

async function recordStories(): Promise<void> {
  process.env.TEST_POSTGRES_URL = infrastructure.postgres
  const database = await createTestDatabase('orders')
  const db = createDatabase({ url: database.url, poolSize: 2 })
  const room = createSagaRoom(db)
  const known = fixtureNames()
  for (const story of stories)
    if (!known.includes(story.name)) await record(db, await room.play(story), story.name)
  await db.$disconnect()
  await database.drop()
}

async function record(db: Database, id: bigint, name: string): Promise<void> {
  const [order] = await createReadModel(db).findMany([id])
  if (!order) throw new Error(`There is no order ${id}`)
  writeFixture(name, order)
  console.log(`recorded ${name}`)
}
