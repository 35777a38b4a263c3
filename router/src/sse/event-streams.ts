import type { ServerResponse } from 'node:http'
import { unauthenticated } from '@mall/service/errors'
import type { Logger } from '@mall/service/logger'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, OperationTypeNode, type GraphQLFormattedError } from 'graphql'
import type { Authentication, Session } from '../authentication.ts'
import { httpError } from '../http/answer.ts'
import { negotiate } from '../http/negotiate.ts'
import { readRequest } from '../http/read-request.ts'
import type { Counts } from '../metrics/counts.ts'
import type { Persisted } from '../persisted/persisted.ts'
import type { GraphRequest } from '../pipeline/pipeline.ts'
import { createCallers, type Caller, type CallersDeps } from '../subscriptions/callers.ts'
import type { StreamEvent } from '../subscriptions/event.ts'
import { createOperation, type OperationDeps } from '../subscriptions/operation.ts'
import { createOutbox, type Outbox } from '../subscriptions/outbox.ts'

export interface EventStreamsDeps extends OperationDeps, CallersDeps {
  /** Milliseconds between signs of life. */
  readonly heartbeatMs: number
  readonly counts: Pick<Counts, 'conflated'>
  readonly logger: Logger
}

/** GraphQL over server-sent events, as graphql-sse's "distinct connections mode" has it: a request for each operation. */
export interface EventStreams {
  /** Whether a client wants an event stream and no plain answer. */
  isAskedFor(request: FastifyRequest): boolean
  /** Throws, with an HTTP status, what is wrong with the request itself; what is wrong with the operation is an event. */
  serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply>
  /** How many are open. */
  open(): number
  close(): void
}

interface Listener extends Caller {
  readonly response: ServerResponse
  readonly outbox: Outbox
}

/** Each stream has one operation. */
const ID = ''
const SIGN_OF_LIFE = Buffer.from(':\n\n')
const COMPLETE = Buffer.from('event: complete\ndata:\n\n')

/** By hand and not with graphql-sse's handler, which makes its own text of every event for every client. */
export function createEventStreams(deps: EventStreamsDeps): EventStreams {
  const { authentication, persisted, pipeline, logger } = deps
  const callers = createCallers<Listener>(deps, (listener) => {
    callers.remove(listener)
    finish(listener, [unauthenticated('The session has ended.').toJSON()])
  })
  const timer = setInterval(() => {
    for (const { outbox } of callers.all) outbox.message(SIGN_OF_LIFE)
  }, deps.heartbeatMs).unref()

  return {
    isAskedFor: ({ method, headers: { accept } }) =>
      method !== 'HEAD' && /\btext\/event-stream\b/i.test(accept ?? '') && negotiate(accept) === null,

    async serve(request, reply) {
      const asked = readRequest(request)
      const session = await sessionOf(request, authentication)
      const prepared = pipeline.prepare(await textOf(asked, persisted), asked.operationName)
      const isMutation = 'document' in prepared && prepared.operation.operation === OperationTypeNode.MUTATION
      if (isMutation && request.method === 'GET') {
        void reply.header('allow', 'POST')
        throw httpError(405, 'Mutations are sent by POST.')
      }
      const listener = open(request, reply, session)
      const operation = createOperation(
        listener,
        asked,
        {
          next(event) {
            if (listener.outbox.event(ID, event)) return
            operation.stop()
            // Whoever comes back begins with the present state.
            listener.response.destroy()
          },
          error: (errors) => finish(listener, errors),
          complete: () => finish(listener),
        },
        deps,
      )
      listener.running.set(ID, operation)
      void operation.run()
      return reply
    },

    open: () => callers.all.size,

    close() {
      clearInterval(timer)
      callers.close()
      for (const { response } of callers.all) response.end()
    },
  }

  function open(request: FastifyRequest, reply: FastifyReply, session: Session | null): Listener {
    const response = reply.hijack().raw
    const isOpen = () => response.writable && !response.destroyed
    const listener: Listener = {
      response,
      outbox: createOutbox({ to: response, isOpen, render, counts: deps.counts }),
      address: request.ip,
      session,
      viewer: session && (authentication?.viewerOf(session) ?? null),
      running: new Map(),
    }
    callers.add(listener)
    response.on('error', (error) => logger.debug({ error }, 'an event stream failed'))
    response.on('close', () => callers.remove(listener))
    // Those that plugins have set, such as CORS.
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value) response.setHeader(name, value)
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-content-type-options': 'nosniff',
    })
    response.write(SIGN_OF_LIFE)
    return listener
  }
}

function finish({ outbox }: Listener, errors?: readonly GraphQLFormattedError[]): void {
  if (errors) {
    const payload = Buffer.from(JSON.stringify({ errors }))
    outbox.message(render(ID, { payload, key: undefined, version: undefined }))
  }
  outbox.message(COMPLETE)
  outbox.end()
}

function render(_operation: string, { payload }: StreamEvent): Buffer {
  return Buffer.concat([before, payload, after])
}

const before = Buffer.from('event: next\ndata: ')
const after = Buffer.from('\n\n')

async function textOf(asked: GraphRequest, persisted: Persisted): Promise<string> {
  try {
    return await persisted.textOf(asked)
  } catch (error) {
    throw error instanceof GraphQLError ? Object.assign(error, { statusCode: 400 }) : error
  }
}

async function sessionOf(request: FastifyRequest, authentication: Authentication | null) {
  try {
    const session = (await authentication?.authenticate(request.headers.authorization)) ?? null
    if (session && !authentication?.viewerOf(session)) throw unauthenticated('The session has ended.')
    return session
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw Object.assign(error, { statusCode: error.extensions.code === 'UNAVAILABLE' ? 503 : 401 })
  }
}
