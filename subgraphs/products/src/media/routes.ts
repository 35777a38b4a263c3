import type { FastifyInstance } from 'fastify'
import type { Database } from '../data/database.ts'

/** Serves pictures under the hash of their content: they never change, so everybody may keep them for ever. */
export function serveMedia(app: FastifyInstance, db: Database): void {
  app.get<{ Params: { file: string } }>('/media/:file', async ({ params }, reply) => {
    const [hash = ''] = params.file.split('.')
    const media = /^[\w-]{10,64}$/.test(hash) ? await db.media.findUnique({ where: { hash } }) : null
    if (!media) return reply.code(404).send({ error: 'There is no such picture.' })
    return (
      reply
        .header('content-type', media.contentType)
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('x-content-type-options', 'nosniff')
        // A drawing is a document too: it must not run anything, wherever it is opened.
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
        .send(Buffer.from(media.content))
    )
  })
}
