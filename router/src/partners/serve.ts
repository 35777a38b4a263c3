import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import { identify, type Authentication } from '../authentication.ts'
import { inTrace } from '../http/read-request.ts'
import type { Mask } from '../pipeline/mask.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'
import { isProblem, toHttp } from './answers.ts'
import { serveDocs } from './docs.ts'
import type { PartnerFolder, RouteMapping } from './mapping.ts'
import type { PartnerApi } from './partner-api.ts'
import { graphProblem, httpProblem, notFound, ProblemError, type Problem } from './problems.ts'

export interface PartnerOptions {
  readonly folder: PartnerFolder
  /** Made for the graph of the moment. */
  readonly api: () => PartnerApi
  readonly pipeline: Pipeline
  readonly authentication: Authentication | null
  readonly mask: Mask
  /** When what begins now must be over, in epoch milliseconds. */
  readonly deadline: () => number
}

/**
 * Serves the partners' routes, /openapi.json and /docs. Credentials come in headers only, so no foreign page can use
 * those of a browser. Whatever goes wrong is answered as problem+json.
 */
export async function servePartners(app: FastifyInstance, options: PartnerOptions): Promise<void> {
  const { folder, api, mask } = options
  const { prefix } = folder.api
  await app.register(
    (scope, _options, done) => {
      scope.removeContentTypeParser('text/plain')
      scope.setErrorHandler<FastifyError>((error, _request, reply) =>
        sendProblem(reply, toProblem(error, mask)),
      )
      scope.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound()))
      for (const mapping of folder.routes)
        scope.route({
          method: mapping.method,
          url: mapping.path.slice(prefix.length).replaceAll(/\{(\w+)\}/g, ':$1'),
          handler: (request, reply) => answer(mapping, request, reply, options),
        })
      done()
    },
    { prefix },
  )
  await serveDocs(app, () => api().document)
}

async function answer(
  { operation: name, status }: RouteMapping,
  request: FastifyRequest,
  reply: FastifyReply,
  { api, pipeline, authentication, deadline }: PartnerOptions,
): Promise<FastifyReply> {
  const { routes, statusOf } = api()
  const route = routes.get(name)
  if (!route) throw new Error(`the route of ${name} was not made`)
  const viewer = await identify(request.headers, authentication)
  const variables = route.readVariables(request)
  const given = inTrace(request, { variables })
  const admitted = await pipeline.admit(route.prepared, given, viewer, request.ip)
  const answered =
    'prepared' in admitted
      ? await untilClosed(request, (signal) =>
          pipeline.execute(admitted, { viewer, address: request.ip, signal, deadline: deadline() }),
        )
      : admitted
  const result = toHttp(route.operation, answered, statusOf)
  if (isProblem(result)) return sendProblem(reply, result, answered.retryAfter)
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(result))
}

/** Runs with a signal that says when the client has left. */
async function untilClosed<Result>(
  { raw: { socket } }: FastifyRequest,
  run: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const leaving = new AbortController()
  const leave = () => leaving.abort()
  socket.once('close', leave)
  try {
    return await run(leaving.signal)
  } finally {
    socket.off('close', leave)
  }
}

function toProblem(error: FastifyError | GraphQLError | ProblemError, mask: Mask): Problem {
  if (error instanceof ProblemError) return error.problem
  if (error instanceof GraphQLError) return graphProblem(error.toJSON())
  const status = error.statusCode ?? 500
  if (status >= 500) return graphProblem(mask(error))
  if (status === 413) return httpProblem(status, 'The body is larger than 1 MB.')
  if (status === 415) return httpProblem(status, 'Send the body as application/json.')
  return httpProblem(status, 'The body is not JSON.')
}

/** `retryAfter` in whole seconds. */
function sendProblem(reply: FastifyReply, problem: Problem, retryAfter = 1): FastifyReply {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer, ApiKey')
  if (problem.status === 429 || problem.status === 503) void reply.header('retry-after', String(retryAfter))
  return reply
    .code(problem.status)
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}
