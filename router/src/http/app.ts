import { fastify, type FastifyError, type FastifyInstance } from 'fastify'
import type { Mask } from '../pipeline/mask.ts'
import { createErrorHandler, httpError } from './answer.ts'
import type { IsTrusted } from './client-address.ts'
import { refuseMalformed } from './client-error.ts'
import type { Arrival } from './config.ts'

/** Most bytes of a request's body. */
export const BODY_LIMIT = 1024 * 1024

/** A server without routes, which refuses in GraphQL JSON whatever reaches none of them, is malformed, or comes too slowly. */
export function createApp(options: {
  readonly arrival: Arrival
  readonly isTrusted: IsTrusted
  readonly mask: Mask
}): FastifyInstance {
  const { arrival, isTrusted, mask } = options
  const handleError = createErrorHandler(mask)
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    // A request that comes on an open connection while it closes is answered like any other.
    return503OnClosing: false,
    trustProxy: isTrusted,
    logger: false,
    requestTimeout: arrival.request,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
    http: {
      headersTimeout: arrival.headers,
      connectionsCheckingInterval: Math.min(1_000, arrival.headers, arrival.request),
    },
  })
  app.setErrorHandler<FastifyError>(handleError)
  app.setNotFoundHandler((request, reply) =>
    handleError(httpError(404, 'There is nothing here.'), request, reply),
  )
  return app
}
