import type { Logger } from '@mall/service/logger'
import { fastify } from 'fastify'
import type { Exposition } from './exposition.ts'

/** Where metrics are served: not where clients are. */
export interface MetricsServer {
  /** Such as `http://127.0.0.1:4010/metrics`. */
  readonly url: string
  close(): Promise<void>
}

/** Serves `/metrics` on a port of its own, for whoever can reach that. Throws when the port is taken. */
export async function serveMetrics(
  { contentType, text }: Exposition,
  listen: { readonly host: string; readonly port: number },
  logger: Logger,
): Promise<MetricsServer> {
  const app = fastify({ logger: false, forceCloseConnections: true })
  app.get('/metrics', async (_request, reply) => reply.type(contentType).send(await text()))
  const url = `${await app.listen(listen)}/metrics`
  logger.info({ url }, 'metrics are served')
  return { url, close: () => app.close() }
}
