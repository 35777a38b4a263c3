import type { Viewer } from '@mall/access'
import { IDENTITY_HEADER, signIdentity } from '@mall/service/trust'

const developmentKeys = [{ id: 'dev', secret: 'mall-development-identity-secret' }]

/** What came over the wire; each test looks at it from its own side. */
type Answer = ReturnType<typeof JSON.parse>

export interface AskOptions {
  readonly viewer?: Viewer | null
  readonly variables?: Record<string, unknown>
}

/** Asks the subgraph as the router would, for a viewer. */
export function createAsk(url: string) {
  return async (query: string, { viewer = null, variables }: AskOptions = {}): Promise<Answer> => {
    const body = JSON.stringify({ query, variables })
    const claims = { audience: 'users', method: 'POST', body, viewer, address: '203.0.113.7' }
    const identity = signIdentity({ ...claims, expiresAt: Date.now() + 10_000 }, developmentKeys)
    const headers = { 'content-type': 'application/json', [IDENTITY_HEADER]: identity }
    const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
    return JSON.parse(await response.text())
  }
}

/** What logging in through the graph answers. */
export async function signIn(
  ask: ReturnType<typeof createAsk>,
  login: string,
  password: string,
): Promise<Answer> {
  const query = `mutation ($input: LogInInput!) { logIn(input: $input) { __typename
    ... on Session { accessToken refreshToken user { id email } } ... on UserError { message }
    ... on TooManyAttemptsError { retryAfterSeconds } } }`
  return (await ask(query, { variables: { input: { login, password } } })).data.logIn
}
