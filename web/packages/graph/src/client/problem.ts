/** What went wrong with an operation, as far as a page can tell its reader something different about it. */
export type Problem = 'unreachable' | 'unauthenticated' | 'forbidden' | 'busy' | 'fault'

interface ErrorParts {
  readonly graphQLErrors?: readonly { readonly extensions?: Record<string, unknown> }[]
  readonly networkError?: unknown
}

const byCode: Record<string, Problem> = {
  UNAUTHENTICATED: 'unauthenticated',
  FORBIDDEN: 'forbidden',
  RATE_LIMITED: 'busy',
  TIMEOUT: 'busy',
  UNAVAILABLE: 'busy',
}

/** Sorts an ApolloError by the closed list of codes in shared/api.graphql. */
export function problemOf({ graphQLErrors, networkError }: ErrorParts): Problem {
  const codes = [...(graphQLErrors ?? []), ...errorsIn(networkError)].map(
    ({ extensions }) => extensions?.code,
  )
  const known = codes.find((code) => typeof code === 'string' && code in byCode)
  if (typeof known === 'string') return byCode[known] ?? 'fault'
  return networkError ? problemOfNetwork(networkError) : 'fault'
}

function problemOfNetwork(error: unknown): Problem {
  const status = isRecord(error) && typeof error.statusCode === 'number' ? error.statusCode : null
  if (status === null) return 'unreachable'
  if (status === 401) return 'unauthenticated'
  if (status === 403) return 'forbidden'
  if (status === 429 || status === 503) return 'busy'
  return status === 502 || status === 504 ? 'unreachable' : 'fault'
}

/** Apollo Client hands over the body of an answer that is not 2xx as `result`. */
function errorsIn(error: unknown): { extensions?: Record<string, unknown> }[] {
  const body = isRecord(error) && isRecord(error.result) ? error.result.errors : null
  if (!Array.isArray(body)) return []
  return body.filter(isRecord).map(({ extensions }) => (isRecord(extensions) ? { extensions } : {}))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
