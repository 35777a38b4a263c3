import type { Logger } from '@mall/service/logger'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Trace } from '../tracing/trace.ts'

/** What a client may see of an error that arose while an operation ran, in a trace. Never names a subgraph. */
export type Mask = (error: unknown, trace?: Pick<Trace, 'id'>) => GraphQLFormattedError

/** Codes whose message is meant for the client. Any other code from a subgraph is a fault of ours, or of its. */
const meantForClients: ReadonlySet<unknown> = new Set([
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'COST_EXCEEDED',
  'TIMEOUT',
  'UNAVAILABLE',
])

/** Lets the closed list of codes through, and of an error only message, path and code; logs and masks the rest. */
export function createMask(logger: Logger): Mask {
  return (error, trace) => {
    const path = error instanceof GraphQLError && error.path ? { path: error.path } : {}
    const code = error instanceof GraphQLError ? error.extensions.code : undefined
    if (error instanceof GraphQLError && meantForClients.has(code))
      return { message: error.message, ...path, extensions: { code } }
    const fields = { error, code, path: path.path?.join('.'), trace_id: trace?.id }
    logger.error(fields, 'an unexpected error was masked')
    return { message: 'Something went wrong.', ...path, extensions: { code: 'INTERNAL_SERVER_ERROR' } }
  }
}
