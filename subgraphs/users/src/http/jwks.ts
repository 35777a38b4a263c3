import type { FastifyInstance } from 'fastify'
import type { SigningKeys } from '../data/signing-keys.ts'

/** GET /.well-known/jwks.json: what access tokens are verified with. A new key is published before it signs. */
export function addJwksRoute(app: FastifyInstance, { jwks }: SigningKeys): void {
  app.get('/.well-known/jwks.json', (_request, reply) =>
    reply.type('application/jwk-set+json').header('cache-control', 'public, max-age=300').send(jwks),
  )
}
