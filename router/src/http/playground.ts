import { gzipSync } from 'node:zlib'

/** GraphiQL as one page that loads nothing from elsewhere. 9 MB: packed once, not for every visitor. */
export async function createPlayground(): Promise<{ html: string; gzipped: Buffer }> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({ title: 'GraphiQL', endpoint: '/graphql', subscriptionsProtocol: 'WS' })
  return { html, gzipped: gzipSync(html) }
}
