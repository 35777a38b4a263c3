import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { loadConfig } from './config.ts'
import { developmentKeys, developmentMerchant } from './keys.ts'
import { startSandbox } from './server.ts'

runMain('alipay-sandbox', async ({ onShutdown }) => {
  const { listen, logLevel, retryAfterMs } = loadConfig()
  const logger = createLogger({ name: 'alipay-sandbox', level: logLevel })
  const sandbox = await startSandbox({
    listen,
    logger,
    retryAfterMs,
    keys: developmentKeys(),
    merchant: developmentMerchant,
  })
  onShutdown(() => sandbox.close())
  logger.info({ url: sandbox.url }, 'the Alipay sandbox is up')
})
