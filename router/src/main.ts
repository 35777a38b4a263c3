import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { createRightsReader } from '@mall/service/rights'
import { loadConfig } from './config.ts'
import { startRouter } from './start.ts'
import { compose } from './supergraph/compose.ts'

runMain('router', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'router', level: config.logLevel })
  const rights = config.rightsRedisUrl
    ? createRightsReader({ redisUrl: config.rightsRedisUrl, logger })
    : null
  if (rights) onShutdown(() => rights.close())

  const supergraphSdl = config.supergraphFile
    ? await readFile(config.supergraphFile, 'utf8')
    : (await compose(join(import.meta.dirname, '..', '..', 'supergraph.yaml'))).supergraphSdl
  const router = await startRouter({ ...config, supergraphSdl, rights, logger })
  onShutdown(() => router.close())
})
