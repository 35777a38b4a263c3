import type { Logger } from '@mall/service/logger'
import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Accounts, SessionRecord } from '../accounts.ts'
import type { Loaders } from '../data/loaders.ts'
import { sessionExpired } from '../domain/errors.ts'

export interface AuthRoutesDeps {
  readonly accounts: Accounts
  readonly createLoaders: () => Loaders
  /** Seconds that the refresh cookie is kept. */
  readonly refreshSeconds: number
  /** Whether the cookie is for HTTPS only. */
  readonly secureCookie: boolean
  readonly logger: Logger
}

export const REFRESH_COOKIE = 'mall_refresh'

/** With `"mode": "cookie"` the refresh token travels in an HttpOnly cookie only, out of reach of scripts. */
const mode = z.enum(['cookie', 'body']).default('body')
const registerBody = z.object({
  displayName: z.string(),
  email: z.string().nullish(),
  phone: z.string().nullish(),
  password: z.string(),
  mode,
})
const logInBody = z.object({ login: z.string(), password: z.string(), mode })
const refreshBody = z.object({ refreshToken: z.string().optional(), mode }).prefault({})
const logOutBody = z
  .object({ refreshToken: z.string().optional(), everywhere: z.boolean().default(false) })
  .prefault({})

/** Status of each error that is data in the graph. */
const statusOf = {
  LoginTakenError: 409,
  WeakPasswordError: 400,
  InvalidInputError: 400,
  WrongCredentialsError: 401,
  TooManyAttemptsError: 429,
  SessionExpiredError: 401,
} as const

type Refusal = { readonly __typename: keyof typeof statusOf; readonly message: string }

/**
 * The classic face of signing in: POST /auth/register, /auth/login, /auth/refresh, /auth/logout. Bodies must be JSON,
 * which another site's form cannot send; the cookie is SameSite=Strict besides.
 */
export async function addAuthRoutes(app: FastifyInstance, deps: AuthRoutesDeps): Promise<void> {
  const { accounts } = deps
  await app.register(cookie)
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, _request, reply) => answerFault(error, reply, deps.logger))

  app.post('/auth/register', async (request, reply) => {
    const body = registerBody.parse(request.body)
    return answer(reply.code(201), await accounts.register(body), body.mode, deps)
  })

  app.post('/auth/login', async (request, reply) => {
    const body = logInBody.parse(request.body)
    return answer(reply, await accounts.logIn(body), body.mode, deps)
  })

  app.post('/auth/refresh', async (request, reply) => {
    const body = refreshBody.parse(request.body ?? undefined)
    const token = body.mode === 'cookie' ? request.cookies[REFRESH_COOKIE] : body.refreshToken
    const result = token ? await accounts.refresh(token) : sessionExpired()
    if (body.mode === 'cookie' && result.__typename !== 'Session') clearCookie(reply, deps)
    return answer(reply, result, body.mode, deps)
  })

  app.post('/auth/logout', async (request, reply) => {
    const body = logOutBody.parse(request.body ?? undefined)
    const session = await sessionIn(request, body.refreshToken, accounts)
    clearCookie(reply, deps)
    if (!session) return refuse(reply, sessionExpired())
    await accounts.logOut(session, body.everywhere)
    return reply.code(204).send()
  })
}

/** Who logs out: by access token, else by refresh token in the body or, from a JSON request, in the cookie. */
async function sessionIn(request: FastifyRequest, refreshToken: string | undefined, accounts: Accounts) {
  const bearer = bearerOf(request)
  if (bearer) {
    const claims = await accounts.claimsOf(bearer)
    if (claims) return { sessionId: claims.sid, userId: claims.sub }
  }
  const token = refreshToken ?? (request.body ? request.cookies[REFRESH_COOKIE] : undefined)
  return token ? accounts.sessionOf(token) : null
}

export function bearerOf(request: FastifyRequest): string | null {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? null
}

async function answer(
  reply: FastifyReply,
  result: SessionRecord | Refusal,
  mode: 'cookie' | 'body',
  deps: AuthRoutesDeps,
): Promise<FastifyReply> {
  if (result.__typename !== 'Session') return refuse(reply, result)
  const { accessToken, accessTokenExpiresAt, refreshToken, userId } = result
  const session = {
    accessToken,
    accessTokenExpiresAt,
    user: await describeUser(userId, deps.createLoaders()),
  }
  void reply.header('cache-control', 'no-store')
  if (mode === 'body') return reply.send({ ...session, refreshToken })
  void reply.setCookie(REFRESH_COOKIE, refreshToken, { ...cookieOptions(deps), maxAge: deps.refreshSeconds })
  return reply.send(session)
}

async function describeUser(id: string, loaders: Loaders) {
  const [user, roles, linkedAccounts] = await Promise.all([
    loaders.user.load(id),
    loaders.rolesOf.load(id),
    loaders.linkedAccountsOf.load(id),
  ])
  return {
    ...user,
    roles,
    linkedAccounts: linkedAccounts.map(({ provider, linkedAt }) => ({ provider, linkedAt })),
  }
}

function refuse(reply: FastifyReply, { __typename: type, ...error }: Refusal): FastifyReply {
  if ('retryAfterSeconds' in error) void reply.header('retry-after', String(error.retryAfterSeconds))
  if (statusOf[type] === 401) void reply.header('www-authenticate', 'Bearer realm="mall"')
  return reply
    .code(statusOf[type])
    .header('cache-control', 'no-store')
    .send({ error: { type, ...error } })
}

function cookieOptions({ secureCookie }: AuthRoutesDeps) {
  return { path: '/auth', httpOnly: true, sameSite: 'strict', secure: secureCookie } as const
}

function clearCookie(reply: FastifyReply, deps: AuthRoutesDeps): void {
  void reply.clearCookie(REFRESH_COOKIE, cookieOptions(deps))
}

function answerFault(error: unknown, reply: FastifyReply, logger: Logger): FastifyReply {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues
    const field = issue?.path.join('.') ?? ''
    const fault = { type: 'InvalidInputError', field, message: issue?.message ?? 'The body cannot be read.' }
    return reply.code(400).send({ error: fault })
  }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 500) logger.error({ error }, 'a route failed')
  const message = status < 500 && error instanceof Error ? error.message : 'Something went wrong.'
  return reply
    .code(status)
    .send({ error: { type: status < 500 ? 'InvalidInputError' : 'InternalError', message } })
}
