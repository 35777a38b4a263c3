import { join } from 'node:path'
import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { createRightsReader } from '@mall/service/rights'
import { loadConfig } from './config.ts'
import { createCounts } from './metrics/counts.ts'
import { startRouter } from './start.ts'
import { loadSupergraph } from './supergraph/load.ts'
import { watchSupergraph } from './supergraph/watch.ts'

runMain('router', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'router', level: config.logLevel })
  const rights = config.rightsRedisUrl
    ? createRightsReader({ redisUrl: config.rightsRedisUrl, logger })
    : null
  if (rights) onShutdown(() => rights.close())

  const compositionFile = join(import.meta.dirname, '..', '..', 'supergraph.yaml')
  const supergraphSdl = await loadSupergraph(config.supergraphFile, compositionFile)
  const counts = createCounts()
  const router = await startRouter({ ...config, supergraphSdl, rights, counts, logger })
  onShutdown(() => router.close())
  const watching = await watchSupergraph({
    file: config.supergraphFile,
    compositionFile,
    supergraphSdl,
    onChange: (changed) => router.swap(changed),
    counts,
    logger,
  })
  onShutdown(() => watching.stop())
})
