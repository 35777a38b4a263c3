import { graphError } from '@mall/service/errors'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import type { Mask } from '../pipeline/mask.ts'
import type { Answer } from '../pipeline/pipeline.ts'
import { negotiate, type MediaType } from './negotiate.ts'

/** An error of the request itself, with its HTTP status. */
export function httpError(statusCode: number, message: string): GraphQLError {
  return Object.assign(graphError('BAD_USER_INPUT', message), { statusCode })
}

export function send(reply: FastifyReply, type: MediaType, status: number, answer: Answer): FastifyReply {
  // Errors first, as the specification asks, so that they are seen in a long answer.
  const { errors, data, retryAfter } = answer
  if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter))
  const body = { ...(errors ? { errors } : {}), ...(data === undefined ? {} : { data }) }
  varyBy(reply, 'accept')
  void reply.header('x-content-type-options', 'nosniff')
  return reply.code(status).type(`${type}; charset=utf-8`).send(JSON.stringify(body))
}

/** Says what an answer depends on, beside what was said already (the origin, for pages of elsewhere). */
export function varyBy(reply: FastifyReply, headers: string): void {
  const before = reply.getHeader('vary')
  void reply.header('vary', before === undefined ? headers : `${String(before)}, ${headers}`)
}

/** Answers whatever was thrown for a request, Fastify's own refusals among it, as GraphQL JSON. */
export const createErrorHandler =
  (mask: Mask) =>
  (error: FastifyError | GraphQLError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500
    const told =
      error instanceof GraphQLError
        ? error.toJSON()
        : status < 500
          ? graphError('BAD_USER_INPUT', messages.get(status) ?? 'The request is malformed.').toJSON()
          : mask(error)
    return send(reply, negotiate(request.headers.accept) ?? 'application/json', status, { errors: [told] })
  }

const messages = new Map([
  [404, 'There is nothing here.'],
  [413, 'The body is larger than 1 MB.'],
  [415, 'Send the request as application/json.'],
])
