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
import { createConnections } from './engine/connections.ts'
import { startGraph, type LiveGraph } from './graph.ts'
import { createApp } from './http/app.ts'
import { clientAddress, createTrust } from './http/client-address.ts'
import { arrivalSchema } from './http/config.ts'
import { forwardPrefixes } from './http/forward.ts'
import { serveGraph } from './http/front.ts'
import { createPlayground } from './http/playground.ts'
import { createCounts, type Counts } from './metrics/counts.ts'
import { createExposition } from './metrics/exposition.ts'
import { createMeasures } from './metrics/measures.ts'
import { serveMetrics } from './metrics/serve.ts'
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
import type { TracingConfig } from './tracing/config.ts'
import { createTracing } from './tracing/tracing.ts'

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
  /** Where metrics are served. @default nowhere */
  readonly metrics?: { readonly host: string; readonly port: number } | null
  /** Where traces are sent. @default nowhere */
  readonly tracing?: TracingConfig | null
  /** What happens outside of the router counts, too. @default only what happens in it */
  readonly counts?: Counts
  readonly isProduction: boolean
  readonly logger: Logger
}

export interface RunningRouter {
  /** Such as `http://127.0.0.1:4000`; the graph is at `/graphql`. */
  readonly url: string
  /** Such as `http://127.0.0.1:4010/metrics`; null where they are not served. */
  readonly metricsUrl: string | null
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
  const counts = options.counts ?? createCounts()
  const flights = createFlights(counts)
  const deadline = () => Date.now() + file.operationTimeout
  const mask = createMask(logger)
  const tracing = createTracing(options.tracing ?? null, logger)
  const cache = options.cacheRedisUrl ? createRedis(options.cacheRedisUrl, logger, cacheConnection) : null
  const protection = await createProtection({
    file,
    redisUrl: options.sharedRedisUrl ?? null,
    isProduction: options.isProduction,
    counts,
    logger,
  })
  const settings = file.subgraphs ?? subgraphDefaults
  const connections = createConnections({ pipelining: settings.pipelining })
  const subscriptions = file.subscriptions ?? subscriptionsSchema.parse({})
  const partners = file.partners ? readPartnerFolder(file.partners.folder) : null
  const partnerNames = partners?.routes.map(({ operation }) => operation) ?? []
  const measures = createMeasures(counts, new Set([...protection.names, ...partnerNames]))
  const graph = await startGraph(supergraphSdl, {
    connections,
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
    measures,
    tracing,
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
  const streams = createStreams({ ...graph, tracing, deadline })
  const live = {
    ...common,
    streams,
    persisted: protection.persisted,
    isServed: graph.isServed,
    onSwap: graph.onSwap,
    heartbeatMs: subscriptions.heartbeat,
    counts,
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
    serveGraph(scope, { ...common, playground, eventStreams, protection, counts })
    done()
  })
  if (partners) await servePartners(app, { ...common, folder: partners, api: graph.partnerApi })
  const sockets = serveSockets({
    ...live,
    server: app.server,
    addressOf: (request) => clientAddress(request, isTrusted),
  })

  const present = { sockets, eventStreams, streams, graph, gate: protection.gate }
  const metrics =
    options.metrics && (await serveMetrics(createExposition(measures, present), options.metrics, logger))
  const url = await app.listen(options.listen)
  logger.info({ url }, 'the router is up')
  return {
    url,
    metricsUrl: metrics ? metrics.url : null,
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
      connections.close()
      await tracing.close()
      await metrics?.close()
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
