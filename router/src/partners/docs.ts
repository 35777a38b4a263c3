import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import type { OpenApiDocument } from './openapi.ts'

/** Nothing from elsewhere, no scripts in the page; Swagger UI styles its elements one by one. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "base-uri 'none'",
  "object-src 'none'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "style-src 'self' 'unsafe-inline'",
].join('; ')

/** The document at /openapi.json and Swagger UI for it at /docs, all from the package. */
export async function serveDocs(app: FastifyInstance, document: () => OpenApiDocument): Promise<void> {
  app.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(document())),
  )
  await app.register(async (scope) => {
    // Swagger UI asks that plugin for a document; its own would be one of routes, and 3.0 by type.
    await scope.register(swagger)
    await scope.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: CONTENT_SECURITY_POLICY,
      transformSpecification: document,
      transformSpecificationClone: false,
    })
  })
}
