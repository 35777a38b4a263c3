import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyError, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql'
import { createCacheControl } from './cache-control.ts'
import type { SecretKey } from './config.ts'
import { DEADLINE_HEADER, isPast } from './deadline.ts'
import { badUserInput, graphError, unauthenticated } from './errors.ts'
import type { Logger } from './logger.ts'
import type { ErrorMask } from './masking.ts'
import type { SubgraphContext, SubgraphRequest } from './subgraph.ts'
import { IDENTITY_HEADER, verifyIdentity } from './trust.ts'
import type { Identity } from './trust.ts'

/** Apollo Server, started, and set up for a single caller: the router. */
export async function createApollo<Context extends SubgraphContext>({
  schema,
  mask,
  logger,
}: {
  readonly schema: GraphQLSchema
  readonly mask: ErrorMask
  readonly logger: Logger
}): Promise<ApolloServer<Context>> {
  const apollo = new ApolloServer<Context>({
    schema,
    logger,
    formatError: (_formatted, error) => mask(error),
    includeStacktraceInErrorResponses: false,
    // The router reads the schema from a file, and nobody else may ask.
    introspection: false,
    // Browsers cannot make the router's signature, which is a stronger guard than this one.
    csrfPrevention: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    plugins: [
      // Ours is in its place: theirs works out the age of each value, which doubles what a page of products costs.
      ApolloServerPluginCacheControlDisabled(),
      createCacheControl(schema),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  })
  await apollo.start()
  return apollo
}

/** POST /graphql. The body is kept as bytes until the identity that binds them has been verified. */
export function graphQLOverHttp<Context extends SubgraphContext>({
  name,
  apollo,
  identityKeys,
  createContext,
  mask,
}: {
  readonly name: string
  readonly apollo: ApolloServer<Context>
  readonly identityKeys: readonly SecretKey[]
  readonly createContext: (request: SubgraphRequest) => Context | Promise<Context>
  readonly mask: ErrorMask
}): FastifyPluginCallback {
  const identities = new WeakMap<FastifyRequest, Identity>()

  return (scope, _options, done) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    )
    scope.setErrorHandler<FastifyError>((error, _request, reply) => answerError(error, reply, mask))

    scope.post(
      '/graphql',
      {
        preValidation: async (request, reply) => {
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
          const identity = verifyIdentity(headerOf(request), {
            audience: name,
            method: request.method,
            body,
            keys: identityKeys,
            now: Date.now(),
          })
          if (!identity) {
            const error = unauthenticated('Only the router may ask this subgraph.')
            return answer(reply, 401, error.toJSON())
          }
          // It lay in a queue for so long that nobody waits for it any more.
          if (isPast(request.headers[DEADLINE_HEADER], Date.now()))
            return answer(reply, 200, graphError('TIMEOUT', 'This came too late.').toJSON())
          identities.set(request, identity)
          request.body = readJson(body)
        },
      },
      fastifyApolloHandler<Context>(apollo, {
        context: async (request) => {
          const identity = identities.get(request)
          if (!identity) throw unauthenticated()
          return createContext(identity)
        },
      }),
    )
    done()
  }
}

function headerOf(request: FastifyRequest): string | undefined {
  const value = request.headers[IDENTITY_HEADER]
  return typeof value === 'string' ? value : undefined
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw Object.assign(badUserInput('The body is not JSON.'), { statusCode: 400 })
  }
}

function answerError(error: FastifyError, reply: FastifyReply, mask: ErrorMask): FastifyReply {
  const status = error.statusCode ?? 500
  const told = status < 500 ? badUserInput(error.message).toJSON() : mask(error)
  return answer(reply, status, told)
}

function answer(reply: FastifyReply, status: number, error: GraphQLFormattedError): FastifyReply {
  const body = JSON.stringify({ errors: [error] })
  return reply.code(status).type('application/json; charset=utf-8').send(body)
}
