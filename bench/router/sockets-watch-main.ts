/**
 * Stock that is watched, served by graphql-ws's server with its defaults. Clients connect to it directly, or to a router
 * before it. Told `publish`, it publishes an event and says when.
 */
import { EventEmitter, on } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { parse } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { servePeer } from './peer.ts'
import { watchSchema, type StockChange } from './sockets-graph.ts'

const changes = new EventEmitter().setMaxListeners(0)
const schema = buildSubgraphSchema([
  {
    typeDefs: parse(watchSchema),
    resolvers: {
      Subscription: {
        stockChanged: {
          subscribe: () => on(changes, 'change'),
          resolve: ([change]: [StockChange]) => change,
        },
      },
    },
  },
])

await servePeer(async () => {
  const server = createServer()
  useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
})

let version = 0
process.on('message', (asked) => {
  if (asked !== 'publish') return
  version += 1
  const change: StockChange = {
    sku: { id: 'sku-1', product: { id: 'product-1', soldCount: version } },
    available: 100_000 - version,
    version,
    timestamp: new Date().toISOString(),
  }
  process.send?.({ at: performance.timeOrigin + performance.now() })
  changes.emit('change', change)
})
