import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Given, GraphRequest } from '../pipeline/pipeline.ts'
import { httpError } from './answer.ts'

const requestSchema = z.object({
  query: z.string().min(1).nullish(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
})

/**
 * Reads what a client asks. Throws with status 4xx for what is not GraphQL over HTTP, and for a request that a foreign
 * page could make a browser send without asking first (CSRF): the same rule as Apollo Server's.
 */
export function readRequest(request: FastifyRequest): GraphRequest {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw httpError(415, 'Send the request without Content-Encoding.')
  const contentType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (request.method === 'POST') {
    if (contentType !== 'application/json') throw httpError(415, 'Send the request as application/json.')
    return inTrace(request, check(parseJson(request.body)))
  }
  if (mayBeForeign(request, contentType))
    throw httpError(400, 'Send the header apollo-require-preflight or a Content-Type of application/json.')
  const query = z.record(z.string(), z.unknown()).parse(request.query)
  const asked = check({
    ...query,
    variables: parseParameter(query.variables),
    extensions: parseParameter(query.extensions),
  })
  return inTrace(request, asked)
}

/** What was asked, with the place in a trace that the request's headers say. */
export function inTrace<Asked extends Given>(
  { headers: { traceparent } }: Pick<FastifyRequest, 'headers'>,
  asked: Asked,
): Asked {
  return typeof traceparent === 'string' ? { ...asked, traceparent } : asked
}

/** Content types and headers that need no preflight. */
function mayBeForeign({ headers }: FastifyRequest, contentType: string | undefined): boolean {
  const simple = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']
  if (contentType && !simple.includes(contentType)) return false
  return !headers['apollo-require-preflight'] && !headers['x-apollo-operation-name']
}

function parseJson(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '')
  } catch {
    throw httpError(400, 'The body is not JSON.')
  }
}

function parseParameter(value: unknown): unknown {
  if (value === undefined || value === '') return undefined
  try {
    return JSON.parse(typeof value === 'string' ? value : '')
  } catch {
    throw httpError(400, 'variables and extensions are JSON.')
  }
}

function check(value: unknown): GraphRequest {
  if (Array.isArray(value))
    throw httpError(400, 'Send one operation in a request; lists of them are not served.')
  const result = requestSchema.safeParse(value)
  if (result.success) return result.data
  const field = result.error.issues[0]?.path[0]
  throw httpError(
    400,
    field === undefined
      ? 'The request is not an object.'
      : `"${String(field)}" is missing or not of its type.`,
  )
}
