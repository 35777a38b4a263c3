import { GraphQLError } from 'graphql'

/** The closed list of `extensions.code`; docs/errors.md says when each is given. */
export const errorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_USER_INPUT',
  'RATE_LIMITED',
  'COST_EXCEEDED',
  'TIMEOUT',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
  'QUERY_NOT_IN_SAFELIST',
  'OVERLOADED',
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** An error that the client may see as it is. What a client can handle is data instead (a union's member). */
export function graphError(code: ErrorCode, message: string, cause?: unknown): GraphQLError {
  const error = new GraphQLError(message, { extensions: { code } })
  if (cause !== undefined) error.cause = cause
  return error
}

export const unauthenticated = (message = 'Sign in first.') => graphError('UNAUTHENTICATED', message)
export const forbidden = (message = 'You may not do this.') => graphError('FORBIDDEN', message)
export const badUserInput = (message: string) => graphError('BAD_USER_INPUT', message)
export const unavailable = (message: string, cause?: unknown) => graphError('UNAVAILABLE', message, cause)
