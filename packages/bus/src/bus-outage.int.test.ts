import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearData, startInfrastructure, type Infrastructure } from '@mall/stack'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bus } from './bus.ts'
import { createTestBus, freshNamespace, labelOf, release, until } from './testing/test-bus.ts'

const topic = 'stock-release'

/** A broker of this file's own, as the others could not do without theirs. */
describe('while the broker is away', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'mall-bus-outage-'))
  let broker: Infrastructure
  let bus: Bus
  beforeAll(async () => {
    broker = await startBroker(dataDir)
    bus = await createTestBus([broker.urls.kafka], {
      namespace: freshNamespace(),
      publishPatienceMs: 90_000,
    })
    await bus.ensureTopics([{ name: topic }])
  })
  afterAll(async () => {
    await bus.close()
    await broker.stop()
    clearData(dataDir)
  })

  it(
    'a publish waits and arrives when it is back; readiness is red meanwhile',
    { timeout: 150_000 },
    async () => {
      const seen: string[] = []
      const consumer = await bus.consume({
        group: 'readers',
        topics: [topic],
        handle: async (events) => void seen.push(...events.map(labelOf)),
      })
      await bus.publish([release(1, 'before')])
      await until('the first is there', () => seen.length === 1)
      const impatient = await createTestBus([broker.urls.kafka], { publishPatienceMs: 300 })
      await broker.stop()

      let isPublished = false
      const publishing = bus.publish([release(1, 'during')]).then(() => (isPublished = true))
      publishing.catch(() => {})
      await expect(impatient.publish([release(1, 'never')])).rejects.toMatchObject({
        name: 'PublishError',
        retriable: true,
      })
      await until('readiness is red', () => !consumer.healthy(), 20_000)
      expect(isPublished).toBe(false)

      broker = await startBroker(dataDir)
      await publishing
      await until('the second is there', () => seen.includes('1:during'), 30_000)
      await until('readiness is green', () => consumer.healthy())
      await bus.publish([release(1, 'after')])
      await until('the third is there', () => seen.includes('1:after'))
      await impatient.close()
    },
  )
})

function startBroker(dataDir: string): Promise<Infrastructure> {
  const { TEST_POSTGRES_URL: postgres = '', TEST_REDIS_URL: redis = '' } = process.env
  return startInfrastructure({
    dataDir,
    given: { postgres, redis },
    ports: { postgres: 15_733, redis: 16_680, kafka: 19_394 },
    env: {},
    taken: new Set(),
    onProgress: () => {},
  })
}
