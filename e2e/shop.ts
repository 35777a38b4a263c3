import { randomUUID } from 'node:crypto'
import { createClient, eventually, mallState, signIn, type MallClient } from '@mall/testing'

/** What the stories see of an order. */
export interface SeenOrder {
  id: string
  status: string
  saga: { name: string; status: string; error: string | null }[]
  payment: { status: string } | null
}

/** What placing an order answered with: an order, or an error with its own fields. */
export type Placed = { __typename: string; id?: string; message?: string; field?: string; skuId?: string }

/** Stock as staff see it. */
export interface SeenStock {
  available: number
  reserved: number
  sold: number
  version: number
}

/** The address of a router; the second instance with 1. */
export const routerUrl = (instance = 0) => {
  const { routers } = mallState()
  return routers[instance % routers.length] ?? ''
}

/** A client that is signed in with a demo account. */
export async function clientOf(login: string, instance = 0): Promise<MallClient> {
  return createClient(routerUrl(instance), await signIn(routerUrl(instance), login))
}

/** The demo shoppers made for load: `shopper1@mall.test` and on, each signed in. */
export function shoppers(
  count: number,
  instanceOf: (index: number) => number = () => 0,
): Promise<MallClient[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => clientOf(`shopper${index + 1}@mall.test`, instanceOf(index))),
  )
}

/** Makes a product with one SKU of the story's own and waits until orders know it. Price in minor units. */
export async function createSku(
  staff: MallClient,
  options: { stock: number; price?: number },
): Promise<string> {
  const code = `story-${randomUUID().slice(0, 8)}`
  const { categories } = await staff.query<{ categories: { id: string }[] }>('{ categories { id } }')
  const { createProduct } = await staff.query<{
    createProduct: { skus?: { id: string }[]; message?: string }
  }>(
    `mutation ($input: CreateProductInput!) {
      createProduct(input: $input) { ... on Product { skus { id } } ... on UserError { message } }
    }`,
    {
      input: {
        slug: code,
        name: `Story ${code}`,
        categoryId: categories[0]?.id,
        skus: [{ code, options: [], price: options.price ?? 1_990, initialStock: options.stock }],
      },
    },
  )
  const skuId = createProduct.skus?.[0]?.id
  if (!skuId) throw new Error(`The story's product was refused: ${createProduct.message}`)
  // Orders learn of it by an event; an order for more than there can be is refused without a trace, but not as unknown.
  await eventually('orders know the new article', async () => {
    const answer = await place(staff, skuId, { quantity: 999 })
    return answer.__typename === 'InsufficientStockError'
  })
  return skuId
}

/** Orders one SKU. */
export async function place(
  client: MallClient,
  skuId: string,
  options: { quantity?: number; key?: string; region?: string; method?: 'SANDBOX' | 'ALIPAY' } = {},
): Promise<Placed> {
  const { placeOrder } = await client.query<{ placeOrder: Placed }>(placeOrderDocument, {
    input: {
      lines: [{ skuId, quantity: options.quantity ?? 1 }],
      shippingAddress: { ...address, region: options.region ?? address.region },
      paymentMethod: options.method ?? 'SANDBOX',
      idempotencyKey: options.key ?? randomUUID(),
    },
  })
  return placeOrder
}

/** The mutation by which all stories order. */
export const placeOrderDocument = `mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    __typename
    ... on Order { id }
    ... on InvalidInputError { field }
    ... on SkuUnavailableError { skuId }
    ... on UserError { message }
  }
}`

/** An address in the region of the first warehouse. */
export const address = {
  recipient: '王小明',
  phone: '+8613800138000',
  region: 'Shanghai',
  city: 'Shanghai',
  line1: '1 Nanjing Road',
}

const orderFields = 'id status saga { name status error } payment { status }'

/** The order as it is. */
export async function seeOrder(client: MallClient, id: string): Promise<SeenOrder> {
  const { order } = await client.query<{ order: SeenOrder }>(
    `query ($id: ID!) { order(id: $id) { ${orderFields} } }`,
    { id },
  )
  return order
}

/** Follows an order by subscription until it is decided; answers with all states seen. */
export async function followOrder(client: MallClient, id: string): Promise<SeenOrder[]> {
  const seen: SeenOrder[] = []
  const events = client.subscribe<{ orderChanged: SeenOrder }>(
    `subscription ($id: ID!) { orderChanged(id: $id) { ${orderFields} } }`,
    { id },
  )
  for await (const { orderChanged } of events) {
    seen.push(orderChanged)
    if (isDecided(orderChanged)) break
  }
  return seen
}

/** Waits until all orders are decided; answers with them. */
export function decided(
  client: MallClient,
  ids: readonly string[],
  timeoutMs = 60_000,
): Promise<SeenOrder[]> {
  return eventually(
    `all of ${ids.length} orders are decided`,
    async () => {
      const orders = await Promise.all(ids.map((id) => seeOrder(client, id)))
      return orders.every(isDecided) && orders
    },
    { timeoutMs, everyMs: 300 },
  )
}

const isDecided = ({ status }: SeenOrder) => status === 'CONFIRMED' || status === 'CANCELLED'

/** Stock with the parts that only staff may see. */
export async function seeStock(staff: MallClient, skuId: string): Promise<SeenStock> {
  const { sku } = await staff.query<{ sku: { stock: SeenStock } }>(
    'query ($id: ID!) { sku(id: $id) { stock { available reserved sold version } } }',
    { id: skuId },
  )
  return sku.stock
}

/** Waits until stock is as expected; it settles a moment after the orders. */
export function stockBecomes(
  staff: MallClient,
  skuId: string,
  expected: Partial<SeenStock>,
): Promise<SeenStock> {
  return eventually(`the stock is ${JSON.stringify(expected)}`, async () => {
    const stock = await seeStock(staff, skuId)
    const entries = Object.entries(expected) as [keyof SeenStock, number][]
    return entries.every(([name, value]) => stock[name] === value) && stock
  })
}
