import { GraphQLError } from 'graphql'
import type { GraphQLFormattedError } from 'graphql'
import { errorCodes } from './errors.ts'
import type { Logger } from './logger.ts'

/** What a client may see of an error. Anything unexpected is logged once, with its cause, and masked. */
export type ErrorMask = (error: unknown) => GraphQLFormattedError

const known: ReadonlySet<unknown> = new Set(errorCodes)

export function createErrorMask(logger: Logger): ErrorMask {
  return (error) => {
    if (error instanceof GraphQLError) {
      const { code } = error.extensions
      const meant = !error.originalError || error.originalError instanceof GraphQLError
      if (meant && known.has(code) && code !== 'INTERNAL_SERVER_ERROR') return withoutStack(error)
      // Apollo Server's own code for a request that is not GraphQL over HTTP at all.
      if (meant && code === 'BAD_REQUEST') {
        return { message: error.message, extensions: { code: 'BAD_USER_INPUT' } }
      }
    }
    logger.error({ error: unwrap(error), path: pathOf(error) }, 'an unexpected error was masked')
    return {
      message: 'Something went wrong.',
      ...(error instanceof GraphQLError && error.path ? { path: error.path } : {}),
      ...(error instanceof GraphQLError && error.locations ? { locations: error.locations } : {}),
      extensions: { code: 'INTERNAL_SERVER_ERROR' },
    }
  }
}

function withoutStack(error: GraphQLError): GraphQLFormattedError {
  const { stacktrace: _, ...extensions } = error.extensions
  return { ...error.toJSON(), extensions }
}

function unwrap(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error
}

function pathOf(error: unknown): string | undefined {
  return error instanceof GraphQLError ? error.path?.join('.') : undefined
}
