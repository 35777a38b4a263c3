import { timingSafeEqual } from 'node:crypto'
import type { SecretKey } from '@mall/service/config'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Accounts } from '../accounts.ts'
import type { Loaders } from '../data/loaders.ts'
import { bearerOf } from './auth-routes.ts'

export interface IntrospectionDeps {
  readonly accounts: Accounts
  readonly createLoaders: () => Loaders
  /** Services that may ask, by HTTP Basic. */
  readonly clients: readonly SecretKey[]
}

/**
 * POST /auth/introspect (RFC 7662): tells a service whether a token is good, and whose. The asker shows who it is by
 * HTTP Basic or by an access token of its own, as §2.1 demands. A token that is not good is only `active: false`.
 */
export function addIntrospectionRoute(
  app: FastifyInstance,
  { accounts, createLoaders, clients }: IntrospectionDeps,
): void {
  app.addContentTypeParser<string>(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body))),
  )

  app.post('/auth/introspect', async (request, reply) => {
    void reply.header('cache-control', 'no-store')
    if (!(await mayAsk(request))) {
      void reply.header('www-authenticate', 'Basic realm="mall", Bearer realm="mall"')
      return reply.code(401).send({ error: 'invalid_client' })
    }
    const token = tokenIn(request.body)
    if (!token) return reply.code(400).send({ error: 'invalid_request' })
    return (await describeAccess(token)) ?? (await describeRefresh(token)) ?? { active: false }
  })

  async function mayAsk(request: FastifyRequest): Promise<boolean> {
    const bearer = bearerOf(request)
    if (bearer) return (await accounts.claimsOf(bearer)) !== null
    const [id, ...secret] = basicOf(request)?.split(':') ?? []
    return clients.some((client) => client.id === id && sameText(client.secret, secret.join(':')))
  }

  async function describeAccess(token: string) {
    const claims = await accounts.claimsOf(token)
    if (!claims) return null
    // Roles of this moment, not of the token: rights that were taken are gone at once.
    const roles = await createLoaders().rolesOf.load(claims.sub)
    const scopes = roles.flatMap(({ permissions }) => permissions)
    return {
      active: true,
      token_type: 'Bearer',
      iss: 'mall',
      aud: 'mall',
      sub: claims.sub,
      sid: claims.sid,
      roles: roles.map(({ name }) => name),
      scope: [...new Set(scopes)].sort().join(' '),
      iat: claims.iat,
      exp: claims.exp,
    }
  }

  async function describeRefresh(token: string) {
    const session = await accounts.sessionOf(token)
    if (!session) return null
    return {
      active: true,
      token_type: 'refresh_token',
      sub: session.userId,
      sid: session.sessionId,
      exp: Math.floor(session.expiresAt.getTime() / 1_000),
    }
  }
}

function tokenIn(body: unknown): string | null {
  return typeof body === 'object' && body !== null && 'token' in body && typeof body.token === 'string'
    ? body.token
    : null
}

function basicOf(request: FastifyRequest): string | null {
  const encoded = /^Basic +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return encoded ? Buffer.from(encoded, 'base64').toString() : null
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
