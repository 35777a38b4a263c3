import { randomBytes } from 'node:crypto'
import { databaseUrl, ensureDatabase, openSchemaEngine, type SubgraphName } from '@mall/stack'
import pg from 'pg'

/** A database of one test file's own, with all migrations of a subgraph. */
export interface TestDatabase {
  url: string
  drop(): Promise<void>
}

/** Creates a fresh database for a subgraph's integration test. */
export async function createTestDatabase(subgraph: SubgraphName): Promise<TestDatabase> {
  const server = required('TEST_POSTGRES_URL')
  const name = `test_${subgraph}_${randomBytes(6).toString('hex')}`
  await ensureDatabase(server, name)
  const url = databaseUrl(server, name)
  const engine = await openSchemaEngine(url)
  await engine.apply(subgraph)
  engine.close()
  return { url, drop: () => drop(server, name) }
}

/** An empty Redis database of this test file's own (`redis-setup.ts`); `second` is another one. */
export const testRedisUrl = (which?: 'second') => required(which ? 'TEST_REDIS_SECOND_URL' : 'TEST_REDIS_URL')

/** Kafka for tests, `host:port`. Give topics and groups names of the test's own. */
export const testKafkaBrokers = () => required('TEST_KAFKA_BROKERS').split(',')

async function drop(server: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(server, 'postgres') })
  await client.connect()
  await client.query(`drop database if exists "${name}" with (force)`)
  await client.end()
}

function required(name: string): string {
  const value = process.env[name]
  if (!value)
    throw new Error(`${name} is not set: run integration tests through npm, or vitest with its project`)
  return value
}
