import { createBus } from '@mall/bus'
import { createLogger } from '@mall/service/logger'
import { runMain } from '@mall/service/main'
import { loadConfig } from './config.ts'
import { createRightsEvents } from './events/publish.ts'
import { startUsers } from './users.ts'

runMain('users', async ({ onShutdown }) => {
  const config = loadConfig()
  const logger = createLogger({ name: 'users', level: config.logLevel })
  const events = createRightsEvents(() => createBus({ ...config.kafka, clientId: 'users', logger }), logger)
  onShutdown(() => events.close())
  const users = await startUsers({ config, logger, announce: events.announce })
  onShutdown(() => users.close())
})
