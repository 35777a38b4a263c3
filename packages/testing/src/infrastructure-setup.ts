import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearData, startInfrastructure } from '@mall/stack'

/**
 * Brings up PostgreSQL, Redis and Kafka for the integration tests, on ports of their own, in a folder that is removed
 * afterwards. Servers named by TEST_POSTGRES_URL, TEST_REDIS_URL and TEST_KAFKA_BROKERS are used as they are.
 */
export default async function setup() {
  const { TEST_POSTGRES_URL: postgres, TEST_REDIS_URL: redis, TEST_KAFKA_BROKERS: kafka } = process.env
  const dataDir = mkdtempSync(join(tmpdir(), 'mall-test-'))
  const infrastructure = await startInfrastructure({
    dataDir,
    given: { ...(postgres ? { postgres } : {}), ...(redis ? { redis } : {}), ...(kafka ? { kafka } : {}) },
    ports: { postgres: 15_633, redis: 16_580, kafka: 19_294 },
    env: {},
    taken: new Set(),
    onProgress: () => {},
  })
  process.env.TEST_POSTGRES_URL = infrastructure.urls.postgres
  process.env.TEST_REDIS_URL = infrastructure.urls.redis
  process.env.TEST_KAFKA_BROKERS = infrastructure.urls.kafka
  return async () => {
    await infrastructure.stop()
    clearData(dataDir)
  }
}
