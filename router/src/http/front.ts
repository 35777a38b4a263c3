import { graphError } from '@mall/service/errors'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, OperationTypeNode } from 'graphql'
import { identify, type Authentication } from '../authentication.ts'
import type { Mask } from '../pipeline/mask.ts'
import type { Answer, Pipeline } from '../pipeline/pipeline.ts'
import type { EventStreams } from '../sse/event-streams.ts'
import { negotiate, type MediaType } from './negotiate.ts'
import { readRequest } from './read-request.ts'

export interface FrontOptions {
  readonly pipeline: Pipeline
  readonly authentication: Authentication | null
  readonly mask: Mask
  /** When what begins now must be over, in epoch milliseconds. */
  readonly deadline: () => number
  /** The page that a browser gets for GET /graphql; null for none. */
  readonly playground: { readonly html: string; readonly gzipped: Buffer } | null
  readonly eventStreams: EventStreams
}

/** Most bytes of a request's body. */
export const BODY_LIMIT = 1024 * 1024

/** GraphQL over HTTP at /graphql: POST and GET, and the playground. Whatever goes wrong is answered as GraphQL JSON. */
export function serveGraph(
  app: FastifyInstance,
  { pipeline, authentication, mask, deadline, playground, eventStreams }: FrontOptions,
): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>(
    '*',
    { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
    (_request, body, done) => done(null, body),
  )
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = error.statusCode ?? 500
    const told =
      error instanceof GraphQLError
        ? error.toJSON()
        : status < 500
          ? graphError('BAD_USER_INPUT', messageOf(status)).toJSON()
          : mask(error)
    return send(reply, negotiate(request.headers.accept) ?? 'application/json', status, { errors: [told] })
  })

  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: async (request, reply) => {
      if (request.method === 'GET' && playground && wantsPage(request))
        return sendPage(request, reply, playground)
      if (eventStreams.isAskedFor(request)) return eventStreams.serve(request, reply)
      const type = negotiate(request.headers.accept)
      if (!type) throw httpError(406, 'Answers are application/graphql-response+json or application/json.')
      const asked = readRequest(request)
      const viewer = await identifyFor(request, type, authentication)

      const prepared = pipeline.prepare(asked.query, asked.operationName)
      if (!('document' in prepared))
        return send(reply, type, 400, { errors: prepared.map((error) => error.toJSON()) })
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

      const admitted = await pipeline.admit(prepared, asked, viewer)
      if (!('prepared' in admitted))
        return send(reply, type, admitted.data === undefined ? 400 : 200, admitted)
      const leaving = new AbortController()
      request.raw.socket.once('close', onClose)
      const scope = { viewer, address: request.ip, signal: leaving.signal, deadline: deadline() }
      const answer = await pipeline.execute(admitted, scope)
      request.raw.socket.off('close', onClose)
      return send(reply, type, 200, answer)

      function onClose() {
        leaving.abort()
      }
    },
  })
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

/** An error of the request itself, with its HTTP status. */
export function httpError(statusCode: number, message: string): GraphQLError {
  return Object.assign(graphError('BAD_USER_INPUT', message), { statusCode })
}

function send(reply: FastifyReply, type: MediaType, status: number, answer: Answer): FastifyReply {
  // Errors first, as the specification asks, so that they are seen in a long answer.
  const { errors, data } = answer
  const body = { ...(errors ? { errors } : {}), ...(data === undefined ? {} : { data }) }
  void reply.header('vary', 'accept').header('x-content-type-options', 'nosniff')
  return reply.code(status).type(`${type}; charset=utf-8`).send(JSON.stringify(body))
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
  void reply.type('text/html; charset=utf-8').header('vary', 'accept, accept-encoding')
  void reply.header('content-security-policy', "frame-ancestors 'none'")
  return isGzip ? reply.header('content-encoding', 'gzip').send(page.gzipped) : reply.send(page.html)
}

function messageOf(status: number): string {
  if (status === 413) return 'The body is larger than 1 MB.'
  return status === 404 ? 'There is nothing here.' : 'The request is malformed.'
}
