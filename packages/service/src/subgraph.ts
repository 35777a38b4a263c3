import { setTimeout } from 'node:timers/promises'
import type { GraphQLResolverMap } from '@apollo/subgraph'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { guardSchema } from '@mall/access'
import type { Policies, Viewer } from '@mall/access'
import { fastify } from 'fastify'
import type { FastifyInstance } from 'fastify'
import { parse } from 'graphql'
import type { DocumentNode, GraphQLSchema } from 'graphql'
import type { SecretKey } from './config.ts'
import type { Logger } from './logger.ts'
import { createErrorMask } from './masking.ts'
import type { Metrics } from './metrics.ts'
import { createApollo, graphQLOverHttp } from './subgraph-http.ts'
import { graphQLOverSockets } from './subgraph-sockets.ts'

/** What every resolver finds in its context. */
export interface SubgraphContext {
  readonly viewer: Viewer | null
}

export interface SubgraphOptions<Context extends SubgraphContext> {
  /** The subgraph's name in the supergraph; the audience of the identities it accepts. */
  readonly name: string
  readonly typeDefs: string | DocumentNode
  /** By type and field, as graphql-codegen types them; `__resolveReference` included. */
  readonly resolvers: object
  /** The ownership rules that @policy names; scopes need no entry. */
  readonly policies: Policies<Context>
  /** Called per request, on sockets per event: what is loaded for one answer is not served in the next. */
  readonly createContext: (request: SubgraphRequest) => Context | Promise<Context>
  readonly listen: { readonly host: string; readonly port: number }
  readonly identityKeys: readonly SecretKey[]
  readonly logger: Logger
  /** HTTP beside the graph; these routes authenticate themselves. */
  readonly routes?: (app: FastifyInstance) => void | Promise<void>
  /** What must be up for this process to take traffic, by name. @default nothing */
  readonly ready?: () => Promise<Record<string, boolean>>
  /** Served at `/metrics`. @default nothing is */
  readonly metrics?: Metrics
  /**
   * Milliseconds from the begin of `close`, when `/readyz` answers 503, until nothing is accepted any more: what routers
   * need to see it. @default 0
   */
  readonly drainMs?: number
}

/** Who asks, as the router vouches for. */
export interface SubgraphRequest {
  readonly viewer: Viewer | null
  /** The client's address. */
  readonly address: string
}

export interface RunningSubgraph {
  /** Such as `http://127.0.0.1:4001`; the graph is at `/graphql`. */
  readonly url: string
  /** Stops accepting, finishes requests, closes sockets with 1001. */
  close(): Promise<void>
}

/** Most bytes of a request body or socket message. */
const BODY_LIMIT = 1024 * 1024

/**
 * Serves a subgraph: POST and WebSocket at `/graphql`, which answer only to identities that the router signed,
 * `/healthz`, `/readyz`, `/metrics` and the given routes.
 */
export async function startSubgraph<Context extends SubgraphContext>(
  options: SubgraphOptions<Context>,
): Promise<RunningSubgraph> {
  const { name, listen, logger, identityKeys, createContext } = options
  const schema = buildGuardedSchema(options)
  const mask = createErrorMask(logger)
  const apollo = await createApollo<Context>({ schema, mask, logger })
  let closing = false

  const app = fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: 'idle', logger: false })
  answerHealth(app, async () => {
    const parts = (await options.ready?.()) ?? {}
    return closing ? { ...parts, open: false } : parts
  })
  if (options.metrics) answerMetrics(app, options.metrics)
  await options.routes?.(app)
  await app.register(graphQLOverHttp({ name, apollo, identityKeys, createContext, mask }))
  const sockets = graphQLOverSockets({
    name,
    schema,
    identityKeys,
    createContext,
    mask,
    server: app.server,
    maxPayload: BODY_LIMIT,
  })

  const url = await app.listen(listen)
  logger.info({ url }, 'the subgraph is up')
  return {
    url,
    async close() {
      closing = true
      if (options.drainMs) await setTimeout(options.drainMs)
      await sockets.close()
      await app.close()
      await apollo.stop()
    },
  }
}

/** The executable schema with its access rules wrapped around the resolvers. Throws when the two do not fit. */
export function buildGuardedSchema<Context extends SubgraphContext>({
  typeDefs,
  resolvers,
  policies,
}: Pick<SubgraphOptions<Context>, 'typeDefs' | 'resolvers' | 'policies'>): GraphQLSchema {
  const document = typeof typeDefs === 'string' ? parse(typeDefs) : typeDefs
  if (!isResolverMap(resolvers)) throw new TypeError('resolvers must be an object of types')
  return guardSchema(buildSubgraphSchema([{ typeDefs: document, resolvers }]), policies)
}

function isResolverMap(resolvers: object): resolvers is GraphQLResolverMap {
  return Object.values(resolvers).every((type) => typeof type === 'object' && type !== null)
}

function answerMetrics(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.metrics()),
  )
}

function answerHealth(app: FastifyInstance, ready: () => Promise<Record<string, boolean>>): void {
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    const parts = await ready()
    const up = Object.values(parts).every(Boolean)
    return reply.code(up ? 200 : 503).send({ status: up ? 'ready' : 'not ready', parts })
  })
}
