import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, OperationTypeNode } from 'graphql'
import { identify, type Authentication } from '../authentication.ts'
import type { Counts } from '../metrics/counts.ts'
import {
  overloaded,
  rateLimited,
  type Answer,
  type GraphRequest,
  type Pipeline,
} from '../pipeline/pipeline.ts'
import type { Protection } from '../protection.ts'
import type { EventStreams } from '../sse/event-streams.ts'
import { httpError, send, varyBy } from './answer.ts'
import { BODY_LIMIT } from './app.ts'
import { namesPlainJson, negotiate, type MediaType } from './negotiate.ts'
import { readRequest } from './read-request.ts'

export interface FrontOptions {
  readonly pipeline: Pipeline
  readonly authentication: Authentication | null
  /** When what begins now must be over, in epoch milliseconds. */
  readonly deadline: () => number
  /** The page that a browser gets for GET /graphql; null for none. */
  readonly playground: { readonly html: string; readonly gzipped: Buffer } | null
  readonly eventStreams: EventStreams
  readonly protection: Pick<Protection, 'gate' | 'limiter' | 'persisted'>
  readonly counts: Pick<Counts, 'shed' | 'rateLimited'>
}

/** GraphQL over HTTP at /graphql: POST and GET, and the playground. */
export function serveGraph(
  app: FastifyInstance,
  { pipeline, authentication, deadline, playground, eventStreams, protection, counts }: FrontOptions,
): void {
  const { gate, limiter, persisted } = protection
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>(
    '*',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    (_request, body, done) => done(null, body),
  )
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      if (request.method === 'GET' && playground && wantsPage(request))
        return sendPage(request, reply, playground)
      const type = negotiate(request.headers.accept)
      // Whoever cannot be served now costs no reading.
      const wait = limiter.take({ viewer: null, address: request.ip }, 'queries', 0)
      if (typeof wait === 'number') {
        counts.rateLimited += 1
        return send(reply, type ?? 'application/json', 429, rateLimited(wait))
      }
      if (eventStreams.isAskedFor(request)) return eventStreams.serve(request, reply)
      if (!type) throw httpError(406, 'Answers are application/graphql-response+json or application/json.')
      if (gate.isFull()) {
        counts.shed += 1
        return send(reply, type, 503, overloaded())
      }
      const asked = readRequest(request)
      const viewer = await identifyFor(request, type, authentication)

      const text = await textOf(asked, type)
      const prepared = pipeline.prepare(text, asked.operationName)
      if (!('document' in prepared)) {
        pipeline.countRefused(viewer, request.ip)
        const refusal = { errors: prepared.map((error) => error.toJSON()) }
        return send(reply, type, statusOf(refusal, request), refusal)
      }
      persisted.learn(asked)
      const { operation } = prepared.operation
      if (operation === OperationTypeNode.SUBSCRIPTION)
        throw httpError(
          400,
          'Subscriptions are served over WebSocket (graphql-transport-ws), or as text/event-stream.',
        )
      if (operation === OperationTypeNode.MUTATION && request.method === 'GET') {
        void reply.header('allow', 'POST')
        throw httpError(405, 'Mutations are sent by POST.')
      }

      const admitted = await pipeline.admit(prepared, asked, viewer, request.ip)
      if (!('prepared' in admitted)) return send(reply, type, statusOf(admitted, request), admitted)
      const leaving = new AbortController()
      request.raw.socket.once('close', onClose)
      const until = Math.min(deadline(), Date.now() + patienceOf(request))
      const scope = { viewer, address: request.ip, signal: leaving.signal, deadline: until }
      const answer = await pipeline.execute(admitted, scope)
      request.raw.socket.off('close', onClose)
      return send(reply, type, statusOf(answer, request), answer)

      function onClose() {
        leaving.abort()
      }
    },
  })

  app.route({
    method: ['DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'PUT', 'TRACE'],
    url: '/graphql',
    handler(_request, reply) {
      void reply.header('allow', 'GET, POST')
      throw httpError(405, 'Operations are sent by POST or GET.')
    },
  })

  async function textOf(asked: GraphRequest, type: MediaType): Promise<string> {
    try {
      return await persisted.textOf(asked)
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      // Apollo Client looks into a well-formed answer for the code that asks for the text.
      const isUnknown = error.extensions.code === 'PERSISTED_QUERY_NOT_FOUND' && type === 'application/json'
      throw Object.assign(error, { statusCode: isUnknown ? 200 : 400 })
    }
  }
}

async function identifyFor(
  { headers }: FastifyRequest,
  type: MediaType,
  authentication: Authentication | null,
) {
  try {
    return await identify(headers, authentication)
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    const isUnavailable = error.extensions.code === 'UNAVAILABLE'
    // graphql-over-http keeps plain JSON answers to well-formed requests at 200.
    const status = isUnavailable ? 503 : type === 'application/json' ? 200 : 401
    throw Object.assign(error, { statusCode: status })
  }
}

function statusOf({ status, data, errors = [] }: Answer, { headers }: FastifyRequest): number {
  if (status !== undefined || data !== undefined) return status ?? 200
  const isWellFormed = errors.every(({ extensions }) => faultsOfOperations.has(extensions?.code))
  return isWellFormed && namesPlainJson(headers.accept) ? 200 : 400
}

/** What is wrong with an operation or its variables, in a request that is in order. */
const faultsOfOperations: ReadonlySet<unknown> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
])

/** How long a client will wait, by its own word, in milliseconds. */
function patienceOf({ headers }: FastifyRequest): number {
  const given = Number(headers['x-request-timeout-ms'])
  return given > 0 ? given : Infinity
}

function wantsPage({ headers, query }: FastifyRequest): boolean {
  const isQuery = typeof query === 'object' && query !== null && 'query' in query
  return !isQuery && (headers.accept ?? '').includes('text/html')
}

function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  page: { readonly html: string; readonly gzipped: Buffer },
): FastifyReply {
  const isGzip = String(request.headers['accept-encoding'] ?? '').includes('gzip')
  varyBy(reply, 'accept, accept-encoding')
  void reply.type('text/html; charset=utf-8')
  void reply.header('content-security-policy', "frame-ancestors 'none'")
  return isGzip ? reply.header('content-encoding', 'gzip').send(page.gzipped) : reply.send(page.html)
}
