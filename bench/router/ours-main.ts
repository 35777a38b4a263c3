import { createLogger } from '@mall/service/logger'
import { startRouter } from '../../router/src/start.ts'
import { servePeer } from './peer.ts'

await servePeer(async ({ supergraphSdl, jwksUrl }) => {
  const isWatched = supergraphSdl.includes('stockChanged')
  const { url } = await startRouter({
    supergraphSdl,
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys: [{ id: 'bench', secret: 'a-secret-for-this-benchmark' }],
    file: {
      authentication: { jwks: { url: jwksUrl } },
      forward: [],
      timeouts: {},
      operationTimeout: 30_000,
      trustedProxies: [],
      playground: false,
      subscriptions: {
        shared: isWatched ? { stockChanged: { key: 'sku.id', version: 'version' } } : {},
        heartbeat: 12_000,
      },
    },
    subgraphUrls: new Map(),
    rights: null,
    isProduction: true,
    logger: createLogger({ name: 'router', level: 'warn' }),
  })
  return `${url}/graphql`
})
