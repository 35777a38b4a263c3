import { setTimeout } from 'node:timers/promises'
import cors from '@fastify/cors'
import type { SecretKey } from '@mall/service/config'
import type { Logger } from '@mall/service/logger'
import { closeRedis, createRedis } from '@mall/service/redis'
import type { RightsReader } from '@mall/service/rights'
import { createAuthentication, type Authentication } from './authentication.ts'
import type { RouterFile } from './config.ts'
import { subgraphDefaults } from './engine/config.ts'
import { createFlights } from './engine/flights.ts'
import { createAgent } from './engine/subgraph-client.ts'
import { startGraph, type LiveGraph } from './graph.ts'
import { createApp } from './http/app.ts'
import { clientAddress, createTrust } from './http/client-address.ts'
import { arrivalSchema } from './http/config.ts'
import { forwardPrefixes } from './http/forward.ts'
import { serveGraph } from './http/front.ts'
import { createPlayground } from './http/playground.ts'
import { withApiKeys } from './partners/key-authentication.ts'
import { createKeyRing } from './partners/key-ring.ts'
import { readPartnerFolder } from './partners/mapping.ts'
import { servePartners } from './partners/serve.ts'
import { createMask } from './pipeline/mask.ts'
import { createProtection } from './protection.ts'
import { serveSockets } from './sockets/server.ts'
import { createEventStreams } from './sse/event-streams.ts'
import { subscriptionsSchema } from './subscriptions/config.ts'
import { createStreams } from './subscriptions/streams.ts'

export interface RouterOptions {
  readonly supergraphSdl: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly identityKeys: readonly SecretKey[]
  readonly file: RouterFile
  /** Instead of the supergraph's own, by subgraph; several are taken in turns. */
  readonly subgraphUrls: ReadonlyMap<string, readonly string[]>
  readonly rights: RightsReader | null
  /** Where answers of subgraphs are kept. @default nowhere */
  readonly cacheRedisUrl?: string | null
  /** What routers share: rates and persisted operations. @default each has its own */
  readonly sharedRedisUrl?: string | null
  readonly isProduction: boolean
  readonly logger: Logger
}

export interface RunningRouter {
  /** Such as `http://127.0.0.1:4000`; the graph is at `/graphql`. */
  readonly url: string
  /** Serves another supergraph from now on. Throws, and goes on with the old one, when it cannot be served. */
  swap(supergraphSdl: string): Promise<void>
  /** Says that it is not ready, waits for `drain` of the configuration, stops accepting, lets requests finish, closes sockets with 1001. */
  close(): Promise<void>
}

const DEFAULT_TIMEOUT_MS = 5_000
/** Pages may send a token; and see when to try again. */
const corsRules = { credentials: true, maxAge: 600, exposedHeaders: ['retry-after'], strictPreflight: false }
/** Where Redis is slow or away, what it would have kept is fetched. */
const cacheConnection = { commandTimeout: 100, enableOfflineQueue: false, enableAutoPipelining: true }

/** Serves a supergraph. Throws when it cannot be loaded, or when the configuration names a subgraph that it has not. */
export async function startRouter(options: RouterOptions): Promise<RunningRouter> {
  const { supergraphSdl, identityKeys, file, logger } = options
  const agent = createAgent()
  const flights = createFlights()
  const deadline = () => Date.now() + file.operationTimeout
  const mask = createMask(logger)
  const cache = options.cacheRedisUrl ? createRedis(options.cacheRedisUrl, logger, cacheConnection) : null
  const protection = await createProtection({
    file,
    redisUrl: options.sharedRedisUrl ?? null,
    isProduction: options.isProduction,
    logger,
  })
  const settings = file.subgraphs ?? subgraphDefaults
  const subscriptions = file.subscriptions ?? subscriptionsSchema.parse({})
  const partners = file.partners ? readPartnerFolder(file.partners.folder) : null
  const graph = await startGraph(supergraphSdl, {
    agent,
    flights,
    identityKeys,
    settings,
    urls: options.subgraphUrls,
    timeoutMs: (name) => file.timeouts[name] ?? file.timeouts.default ?? DEFAULT_TIMEOUT_MS,
    required: subgraphsNamedBy(options),
    cache,
    shared: subscriptions.shared,
    partners,
    protection,
    mask,
    suggestions: !options.isProduction,
    logger,
  })
  const { pipeline } = graph
  const keyRing = file.partners?.keys
    ? createKeyRing({ file: file.partners.keys, isProduction: options.isProduction, logger })
    : null
  const tokens = configuredAuthentication(options, graph)
  const authentication = keyRing ? withApiKeys(tokens, keyRing, options.rights) : tokens
  const playground = file.playground ? await createPlayground() : null
  const common = { pipeline, authentication, mask, deadline }
  const live = {
    ...common,
    streams: createStreams({ ...graph, deadline }),
    persisted: protection.persisted,
    isServed: graph.isServed,
    onSwap: graph.onSwap,
    heartbeatMs: subscriptions.heartbeat,
    logger,
  }
  const eventStreams = createEventStreams(live)
  const forwardings = file.forward.map(({ prefix, subgraph }) => ({
    prefix,
    endpoints: graph.endpointsOf(subgraph),
  }))

  const isTrusted = createTrust(file.trustedProxies)
  let closing = false
  const app = createApp({ arrival: file.arrival ?? arrivalSchema.parse({}), isTrusted, mask })
  // Clients with open connections are told to come back elsewhere.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close')
    done()
  })
  if (file.cors) await app.register(cors, { origin: file.cors.origins, ...corsRules })
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const parts = { open: !closing, authentication: authentication?.isReady() ?? true }
    const up = Object.values(parts).every(Boolean)
    return reply.code(up ? 200 : 503).send({ status: up ? 'ready' : 'not ready', parts })
  })
  await forwardPrefixes(app, forwardings, logger)
  await app.register((scope, _options, done) => {
    serveGraph(scope, { ...common, playground, eventStreams, protection })
    done()
  })
  if (partners) await servePartners(app, { ...common, folder: partners, api: graph.partnerApi })
  const sockets = serveSockets({
    ...live,
    server: app.server,
    addressOf: (request) => clientAddress(request, isTrusted),
  })

  const url = await app.listen(options.listen)
  logger.info({ url }, 'the router is up')
  return {
    url,
    swap: (supergraphSdl) => graph.swap(supergraphSdl),
    async close() {
      closing = true
      if (file.drain) await setTimeout(file.drain)
      eventStreams.close()
      await sockets.close()
      await app.close()
      keyRing?.close()
      await graph.close()
      if (cache) await closeRedis(cache)
      await protection.close()
      await agent.close()
    },
  }
}

function subgraphsNamedBy({ file, subgraphUrls }: RouterOptions): string[] {
  const { jwks } = file.authentication ?? {}
  return [
    ...subgraphUrls.keys(),
    ...Object.keys(file.subgraphs?.instances ?? {}),
    ...file.forward.map(({ subgraph }) => subgraph),
    ...(jwks && 'subgraph' in jwks ? [jwks.subgraph] : []),
  ]
}

function configuredAuthentication({ file, rights }: RouterOptions, graph: LiveGraph): Authentication | null {
  if (!file.authentication) return null
  const { jwks, issuer, audience } = file.authentication
  return createAuthentication({ jwksUrls: jwksUrls(), issuer, audience, rights })

  function jwksUrls(): () => readonly string[] {
    if ('url' in jwks) return () => [jwks.url]
    const endpoints = graph.endpointsOf(jwks.subgraph)
    return () => endpoints.inTurn().map((url) => new URL(jwks.path, url).href)
  }
}
