import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { loadConfig } from './config.ts'
import { createSandbox } from './server.ts'

runMain('sms-sandbox', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'sms-sandbox', level: config.logLevel })
  const sandbox = createSandbox(config)
  onShutdown(() => sandbox.close())
  logger.info(`messages are shown at ${await sandbox.listen(config.listen)}`)
})
