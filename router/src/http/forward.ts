import httpProxy from '@fastify/http-proxy'
import { graphError } from '@mall/service/errors'
import type { Logger } from '@mall/service/logger'
import type { FastifyInstance } from 'fastify'
import type { Endpoints } from '../engine/endpoints.ts'

export interface Forwarding {
  readonly prefix: string
  readonly endpoints: Pick<Endpoints, 'inTurn'>
}

/** Uploads and slow providers pass here: longer than any graph request. Milliseconds. */
const FORWARD_TIMEOUT_MS = 60_000

/** Forwards prefixes unchanged, bodies as they are, to whoever owns them; those routes authenticate themselves. */
export async function forwardPrefixes(
  app: FastifyInstance,
  forwardings: readonly Forwarding[],
  logger: Logger,
): Promise<void> {
  for (const { prefix, endpoints } of forwardings)
    await app.register(httpProxy, {
      upstream: '',
      prefix,
      rewritePrefix: prefix,
      undici: { headersTimeout: FORWARD_TIMEOUT_MS, bodyTimeout: FORWARD_TIMEOUT_MS },
      replyOptions: {
        getUpstream: () => originOf(endpoints.inTurn()[0] ?? ''),
        rewriteRequestHeaders: (request, headers) => ({
          ...headers,
          'x-forwarded-for': request.ip,
          'x-forwarded-proto': request.protocol,
          ...(request.headers.host ? { 'x-forwarded-host': request.headers.host } : {}),
        }),
        onError: (reply, { error }) => {
          logger.warn({ error, prefix }, 'a request could not be forwarded')
          const told = graphError('UNAVAILABLE', 'This is not available at the moment.').toJSON()
          void reply.code(503).header('content-type', 'application/json; charset=utf-8')
          void reply.send(JSON.stringify({ errors: [told] }))
        },
      },
    })
}

const originOf = (url: string) => new URL(url).origin
