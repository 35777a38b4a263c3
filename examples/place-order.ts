/**
 * Signs in as the demo shopper, orders one unit of a SKU and follows the order until it is decided.
 * node examples/place-order.ts <sku id> (MALL_URL, default http://localhost:4000)
 */
import { randomUUID } from 'node:crypto'
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const url = `${process.env.MALL_URL ?? 'http://localhost:4000'}/graphql`
const skuId = process.argv[2]
if (!skuId) {
  console.error('Which SKU? Example: node examples/place-order.ts <sku id>')
  process.exit(1)
}

const { logIn } = await graph<{ logIn: { accessToken?: string; message?: string } }>(
  `mutation ($input: LogInInput!) {
    logIn(input: $input) { ... on Session { accessToken } ... on UserError { message } }
  }`,
  { input: { login: 'shopper@mall.test', password: 'mall-demo-2026' } },
)
if (!logIn.accessToken) throw new Error(logIn.message)
const authorization = `Bearer ${logIn.accessToken}`

const { placeOrder } = await graph<{ placeOrder: { id?: string; message?: string } }>(
  `mutation ($input: PlaceOrderInput!) {
    placeOrder(input: $input) { ... on Order { id } ... on UserError { message } }
  }`,
  {
    input: {
      lines: [{ skuId, quantity: 1 }],
      shippingAddress: {
        recipient: 'Wang Xiaoming',
        phone: '+8613800138000',
        region: 'Shanghai',
        city: 'Shanghai',
        line1: '1 Nanjing Road',
      },
      paymentMethod: 'SANDBOX',
      // Send the same key again after a lost answer: it is still one order.
      idempotencyKey: randomUUID(),
    },
  },
  authorization,
)
if (!placeOrder.id) throw new Error(placeOrder.message)
console.log('placed', placeOrder.id)

const socket = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: { authorization },
})
const changes = socket.iterate<{
  orderChanged: { status: string; saga: { name: string; status: string }[] }
}>({
  query: 'subscription ($id: ID!) { orderChanged(id: $id) { status saga { name status } } }',
  variables: { id: placeOrder.id },
})
for await (const { data, errors } of changes) {
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '))
  if (!data) continue
  const { status, saga } = data.orderChanged
  console.log(status, saga.map((step) => `${step.name}=${step.status}`).join(' '))
  if (status === 'CONFIRMED' || status === 'CANCELLED') break
}
await socket.dispose()

async function graph<Data>(query: string, variables: object, token?: string): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: token } : {}) },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] }
  if (!data || errors) throw new Error(errors?.map(({ message }) => message).join('; ') ?? 'no data')
  return data
}
