import type { AuthProblem, AuthResult, Session } from './session-types.ts'

export interface LogInForm {
  /** E-mail or phone. */
  readonly login: string
  readonly password: string
}

export interface RegisterForm {
  readonly displayName: string
  readonly email?: string
  readonly phone?: string
  readonly password: string
}

/** The /auth routes in cookie mode (shared/api.graphql, last lines). None of them throws. */
export interface AuthApi {
  logIn(form: LogInForm): Promise<AuthResult>
  register(form: RegisterForm): Promise<AuthResult>
  /** Trades the cookie for a new session. Only one tab may do so at a time: the cookie is good for one use. */
  refresh(): Promise<AuthResult>
  logOut(accessToken: string | null, everywhere: boolean): Promise<void>
}

export interface AuthApiDeps {
  readonly fetch: typeof fetch
  /** Epoch ms. */
  readonly now: () => number
}

export function createAuthApi(deps: AuthApiDeps): AuthApi {
  const send = async (path: string, body: object): Promise<AuthResult> => {
    try {
      return await readAnswer(await post(deps, path, { ...body, mode: 'cookie' }), deps.now())
    } catch (error) {
      return { problem: { type: 'Unreachable', message: String(error) } }
    }
  }
  return {
    logIn: (form) => send('login', form),
    register: (form) => send('register', form),
    refresh: () => send('refresh', {}),
    logOut: async (accessToken, everywhere) => {
      // Signing out must work without a network too: the tab forgets its token in any case.
      await post(deps, 'logout', { everywhere }, accessToken).catch(() => undefined)
    },
  }
}

function post(
  { fetch }: AuthApiDeps,
  path: string,
  body: object,
  accessToken: string | null = null,
): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (accessToken) headers.authorization = `Bearer ${accessToken}`
  return fetch(`/auth/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    credentials: 'same-origin',
  })
}

async function readAnswer(response: Response, now: number): Promise<AuthResult> {
  const body: unknown = await response.json().catch(() => null)
  const session = response.ok ? parseSession(body, clockOffset(response, now)) : null
  return session ? { session } : { problem: parseProblem(body, response.status) }
}

/** How far this machine's clock is ahead of the server's, in ms: a wrong clock must not make tokens look expired. */
function clockOffset(response: Response, now: number): number {
  const served = Date.parse(response.headers.get('date') ?? '')
  return Number.isNaN(served) ? 0 : now - served
}

function parseSession(body: unknown, offset: number): Session | null {
  if (!isRecord(body) || !isRecord(body.user)) return null
  const { accessToken, accessTokenExpiresAt, user } = body
  if (typeof accessToken !== 'string' || typeof accessTokenExpiresAt !== 'string') return null
  if (typeof user.id !== 'string' || typeof user.displayName !== 'string') return null
  const expiresAt = Date.parse(accessTokenExpiresAt) + offset
  return { accessToken, expiresAt, user: { id: user.id, displayName: user.displayName } }
}

function parseProblem(body: unknown, status: number): AuthProblem {
  const error = isRecord(body) && isRecord(body.error) ? body.error : {}
  return {
    type: typeof error.type === 'string' ? error.type : status >= 500 ? 'Unreachable' : 'InvalidInputError',
    message: typeof error.message === 'string' ? error.message : '',
    ...(typeof error.field === 'string' && { field: error.field }),
    ...(typeof error.minLength === 'number' && { minLength: error.minLength }),
    ...(typeof error.retryAfterSeconds === 'number' && { retryAfterSeconds: error.retryAfterSeconds }),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
