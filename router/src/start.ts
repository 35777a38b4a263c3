import cors from '@fastify/cors'
import { collectRules } from '@mall/access'
import type { SecretKey } from '@mall/service/config'
import type { Logger } from '@mall/service/logger'
import type { RightsReader } from '@mall/service/rights'
import { fastify } from 'fastify'
import { createAuthentication, type Authentication } from './authentication.ts'
import type { RouterFile } from './config.ts'
import { createEndpoints, type Endpoints } from './engine/endpoints.ts'
import { createEngine } from './engine/engine.ts'
import { createFlights } from './engine/flights.ts'
import { createAgent, createSubgraphClient } from './engine/subgraph-client.ts'
import { clientAddress, createTrust } from './http/client-address.ts'
import { forwardPrefixes } from './http/forward.ts'
import { BODY_LIMIT, httpError, serveGraph } from './http/front.ts'
import { createPlayground } from './http/playground.ts'
import { withApiKeys } from './partners/key-authentication.ts'
import { createKeyRing } from './partners/key-ring.ts'
import { readPartnerFolder } from './partners/mapping.ts'
import { createPartnerApi } from './partners/partner-api.ts'
import { servePartners } from './partners/serve.ts'
import { createMask } from './pipeline/mask.ts'
import { createPipeline } from './pipeline/pipeline.ts'
import { createPrepare } from './pipeline/prepare.ts'
import { serveSockets } from './sockets/server.ts'
import { createEventStreams } from './sse/event-streams.ts'
import { subscriptionsSchema } from './subscriptions/config.ts'
import { createSharingOf } from './subscriptions/sharing.ts'
import { createStreams } from './subscriptions/streams.ts'
import { createUpstream } from './subscriptions/upstream.ts'
import { subgraphUrlsOf } from './supergraph/subgraph-urls.ts'

export interface RouterOptions {
  readonly supergraphSdl: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly identityKeys: readonly SecretKey[]
  readonly file: RouterFile
  /** Instead of the supergraph's own, by subgraph; several are taken in turns. */
  readonly subgraphUrls: ReadonlyMap<string, readonly string[]>
  readonly rights: RightsReader | null
  readonly isProduction: boolean
  readonly logger: Logger
}

export interface RunningRouter {
  /** Such as `http://127.0.0.1:4000`; the graph is at `/graphql`. */
  readonly url: string
  /** Stops accepting, lets requests finish, closes sockets with 1001. */
  close(): Promise<void>
}

const DEFAULT_TIMEOUT_MS = 5_000

/** Serves a supergraph. Throws when it cannot be loaded, or when the configuration names a subgraph that it has not. */
export async function startRouter(options: RouterOptions): Promise<RunningRouter> {
  const { supergraphSdl, identityKeys, file, logger } = options
  const agent = createAgent()
  const flights = createFlights()
  const deadline = () => Date.now() + file.operationTimeout
  const endpoints = new Map(
    [...subgraphUrlsOf(supergraphSdl)].map(([name, url]) => [
      name,
      createEndpoints(options.subgraphUrls.get(name) ?? [url]),
    ]),
  )
  for (const name of options.subgraphUrls.keys()) endpointsOf(endpoints, name)
  const timeoutMs = (name: string) => file.timeouts[name] ?? file.timeouts.default ?? DEFAULT_TIMEOUT_MS
  const clients = [...endpoints].map(
    ([name, one]) =>
      [
        name,
        createSubgraphClient({
          name,
          endpoints: one,
          agent,
          flights,
          identityKeys,
          timeoutMs: timeoutMs(name),
        }),
      ] as const,
  )
  const upstreams = new Map(
    [...endpoints].map(([name, one]) => [
      name,
      createUpstream({ name, endpoints: one, identityKeys, logger }),
    ]),
  )

  const engine = createEngine({ supergraphSdl, clients: new Map(clients), logger })
  const mask = createMask(logger)
  const rules = collectRules(supergraphSdl)
  const prepare = createPrepare({ schema: engine.schema, rules, suggestions: !options.isProduction })
  const pipeline = createPipeline({ engine, prepare, mask })
  const keyRing = file.partners?.keys
    ? createKeyRing({ file: file.partners.keys, isProduction: options.isProduction, logger })
    : null
  const tokens = configuredAuthentication(options, endpoints)
  const authentication = keyRing ? withApiKeys(tokens, keyRing, options.rights) : tokens
  const playground = file.playground ? await createPlayground() : null
  const subscriptions = file.subscriptions ?? subscriptionsSchema.parse({})
  const sharingOf = createSharingOf({ schema: engine.schema, supergraphSdl, shared: subscriptions.shared })
  const streams = createStreams({ engine, pipeline, upstreams, sharingOf, deadline })
  const heartbeatMs = subscriptions.heartbeat
  const live = { pipeline, streams, authentication, mask, deadline, heartbeatMs, logger }
  const eventStreams = createEventStreams(live)
  const forwardings = file.forward.map(({ prefix, subgraph }) => ({
    prefix,
    endpoints: endpointsOf(endpoints, subgraph),
  }))

  const isTrusted = createTrust(file.trustedProxies)
  let closing = false
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    trustProxy: isTrusted,
    logger: false,
  })
  if (file.cors) await app.register(cors, { origin: file.cors.origins, credentials: true, maxAge: 600 })
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const parts = { open: !closing, authentication: authentication?.isReady() ?? true }
    const up = Object.values(parts).every(Boolean)
    return reply.code(up ? 200 : 503).send({ status: up ? 'ready' : 'not ready', parts })
  })
  await forwardPrefixes(app, forwardings, logger)
  await app.register((scope, _options, done) => {
    serveGraph(scope, { pipeline, authentication, mask, deadline, playground, eventStreams })
    done()
  })
  if (file.partners) {
    const folder = readPartnerFolder(file.partners.folder)
    const api = createPartnerApi(folder, { schema: engine.schema, supergraphSdl, prepare })
    await servePartners(app, { folder, api: () => api, pipeline, authentication, mask, deadline })
  }
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ errors: [httpError(404, 'There is nothing here.').toJSON()] }),
  )
  const sockets = serveSockets({
    ...live,
    server: app.server,
    addressOf: (request) => clientAddress(request, isTrusted),
  })

  const url = await app.listen(options.listen)
  logger.info({ url }, 'the router is up')
  return {
    url,
    async close() {
      closing = true
      eventStreams.close()
      await sockets.close()
      await app.close()
      keyRing?.close()
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()))
      await agent.close()
    },
  }
}

function configuredAuthentication(
  { file, rights }: RouterOptions,
  endpoints: ReadonlyMap<string, Endpoints>,
): Authentication | null {
  if (!file.authentication) return null
  const { jwks, issuer, audience } = file.authentication
  const jwksUrls =
    'url' in jwks
      ? [jwks.url]
      : endpointsOf(endpoints, jwks.subgraph)
          .inTurn()
          .map((url) => new URL(jwks.path, url).href)
  return createAuthentication({ jwksUrls, issuer, audience, rights })
}

function endpointsOf(endpoints: ReadonlyMap<string, Endpoints>, name: string): Endpoints {
  const found = endpoints.get(name)
  if (!found)
    throw new Error(
      `The configuration names the subgraph "${name}"; there are: ${[...endpoints.keys()].join(', ')}`,
    )
  return found
}
