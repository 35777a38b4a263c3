/**
 * Prints the stock of SKUs now and whenever it changes.
 * node examples/watch-stock.ts sku-mistfall-thermos-white [more SKU ids] (MALL_URL, default http://localhost:4000)
 */
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const skuIds = process.argv.slice(2)
if (skuIds.length === 0) {
  console.error('Which SKUs? Example: node examples/watch-stock.ts <sku id> [<sku id> …]')
  process.exit(1)
}

const client = createClient({
  url: `${process.env.MALL_URL ?? 'http://localhost:4000'}/graphql`.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  // The stream starts with the present state, so after a lost connection nothing is missed by subscribing again.
  retryAttempts: Infinity,
  shouldRetry: () => true,
})

const changes = client.iterate<{
  stockChanged: { available: number; timestamp: string; sku: { code: string } }
}>({
  query:
    'subscription ($skuIds: [ID!]!) { stockChanged(skuIds: $skuIds) { available timestamp sku { code } } }',
  variables: { skuIds },
})
for await (const { data, errors } of changes) {
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '))
  if (data) console.log(data.stockChanged.timestamp, data.stockChanged.sku.code, data.stockChanged.available)
}
