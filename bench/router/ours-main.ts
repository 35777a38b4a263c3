import { createLogger } from '@mall/service/logger'
import { startRouter } from '../../router/src/start.ts'
import { servePeer } from './peer.ts'

const isFull = process.argv[3] === 'full'
const unlimited = { address: Number.MAX_SAFE_INTEGER, user: Number.MAX_SAFE_INTEGER }

await servePeer(async ({ supergraphSdl, jwksUrl, redisUrl, collectorUrl }) => {
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
      // Counted all the same: one client asks for as much here as many do together.
      rateLimits: { window: 60_000, queries: unlimited, mutations: unlimited },
      subscriptions: {
        shared: isWatched ? { stockChanged: { key: 'sku.id', version: 'version' } } : {},
        heartbeat: 12_000,
      },
    },
    subgraphUrls: new Map(),
    rights: null,
    sharedRedisUrl: isFull ? (redisUrl ?? null) : null,
    ...(isFull && collectorUrl
      ? { tracing: { url: new URL('/v1/traces', collectorUrl).href, serviceName: 'router' } }
      : {}),
    isProduction: true,
    logger: createLogger({ name: 'router', level: 'warn' }),
  })
  return `${url}/graphql`
})
