import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { peersFolder } from './hive.ts'
import { servePeer } from './peer.ts'

interface HiveOptions {
  readonly supergraph: string
  readonly logging: boolean
  readonly unifiedGraphHandler?: unknown
}

const load = createRequire(join(peersFolder, 'package.json'))
const { createGatewayRuntime } = load('@graphql-hive/gateway-runtime') as {
  createGatewayRuntime(options: HiveOptions): RequestListener
}
const planner =
  process.argv[3] === 'rust'
    ? (load('@graphql-hive/router-runtime') as Pick<HiveOptions, 'unifiedGraphHandler'>)
    : {}

// As its documentation starts it within a program. Nothing is guarded or limited here.
await servePeer(async ({ supergraphSdl }) => {
  const { unifiedGraphHandler } = planner
  const gateway = createGatewayRuntime({
    supergraph: supergraphSdl,
    logging: false,
    ...(unifiedGraphHandler ? { unifiedGraphHandler } : {}),
  })
  const server = createServer(gateway)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
})
