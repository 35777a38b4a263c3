/** A router in a process of its own, so that what it needs is its own: told by its parent, like the benchmark's peers. */
import { createLogger } from '@mall/service/logger'
import { startRouter } from '../../src/start.ts'

const supergraphSdl = process.argv[2] ?? ''
const { url } = await startRouter({
  supergraphSdl,
  listen: { host: '127.0.0.1', port: 0 },
  identityKeys: [{ id: 'test', secret: 'a-secret-for-this-test' }],
  file: {
    forward: [],
    timeouts: {},
    operationTimeout: 5_000,
    trustedProxies: [],
    playground: false,
    arrival: { headers: 600, request: 900 },
  },
  subgraphUrls: new Map(),
  rights: null,
  isProduction: true,
  logger: createLogger({ name: 'router', level: 'silent' }),
})
process.on('message', () => {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.({ alive: heapUsed + external })
})
process.on('disconnect', () => process.exit())
process.send?.({ url })
