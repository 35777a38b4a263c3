import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { startRouter } from '../../src/start.ts'
import { bareOptions } from '../../src/testing/bare-options.ts'
import { stripSupergraph } from '../../src/testing/strip-supergraph.ts'

/** Whether the suites are run against stock @apollo/gateway, to compare. */
export const isStock = process.env.GATEWAY === 'stock'

/** What answers clients: this router, or what `GATEWAY` names. */
export interface Gateway {
  readonly url: string
  close(): Promise<void>
}

export const startGateway = (supergraphSdl: string): Promise<Gateway> =>
  isStock ? startStock(supergraphSdl) : startOurs(supergraphSdl)

async function startOurs(supergraphSdl: string): Promise<Gateway> {
  const router = await startRouter(bareOptions(supergraphSdl, { introspection: 'always' }))
  return { url: `${router.url}/graphql`, close: () => router.close() }
}

/** As its documentation starts it. */
async function startStock(supergraphSdl: string): Promise<Gateway> {
  // Read when the gateway is loaded: without it, it reports figures to its vendor.
  process.env.APOLLO_TELEMETRY_DISABLED = 'true'
  const { ApolloGateway } = await import('@apollo/gateway')
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  const gateway = new ApolloGateway({ supergraphSdl: stripSupergraph(supergraphSdl), logger })
  const server = new ApolloServer({ gateway, logger, introspection: true })
  const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } })
  return { url, close: () => server.stop() }
}

const ignore = () => undefined
