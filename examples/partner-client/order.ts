/**
 * A partner's client by REST: lists products, orders one unit of the first SKU that is in stock, and asks until the order
 * is decided. Its types come from /openapi.json (`npm run codegen`).
 * node examples/partner-client/order.ts [text to search] (MALL_URL, default http://localhost:4000; MALL_KEY, default the demo partner's)
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { components, operations } from './generated/api.ts'

type Schemas = components['schemas']
/** What an operation answers when it is done. */
type Answer<Name extends keyof operations> = Extract<
  operations[Name]['responses'][keyof operations[Name]['responses'] & (200 | 201)],
  { content: { 'application/json': unknown } }
>['content']['application/json']

const url = process.env.MALL_URL ?? 'http://localhost:4000'
const key = process.env.MALL_KEY ?? 'key_demo-partner-for-development-only'

const search = new URLSearchParams({ inStock: 'true', first: '5', text: process.argv[2] ?? 'thermos' })
const { data: products } = await call<Answer<'listProducts'>>('GET', `/v1/products?${search}`)
for (const { name, priceFrom } of products.nodes)
  console.log(name, priceFrom.amount / 100, priceFrom.currency)
const sku = products.nodes.flatMap(({ skus }) => skus).find(({ stock }) => stock.available > 0)
if (!sku) throw new Error('Nothing of that kind is in stock.')

const input: Schemas['PlaceOrderInput'] = {
  lines: [{ skuId: sku.id, quantity: 1 }],
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
}
let { data: order } = await call<Answer<'placeOrder'>>('POST', '/v1/orders', input)
console.log('placed', order.id)
while (order.status !== 'CONFIRMED' && order.status !== 'CANCELLED') {
  await sleep(500)
  order = (await call<Answer<'getOrder'>>('GET', `/v1/orders/${order.id}`)).data
  console.log(order.status)
}

async function call<Result>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Result> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (response.ok) return (await response.json()) as Result
  const problem = (await response.json()) as Schemas['Problem']
  throw new Error(`${problem.status} ${problem.code}: ${problem.detail}`)
}
