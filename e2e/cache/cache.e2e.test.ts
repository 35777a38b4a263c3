import { createClient, eventually, mallState, signIn, type MallClient } from '@mall/testing'
import { Redis } from 'ioredis'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientOf, createSku, followOrder, place, routerUrl, seeStock } from '../shop.ts'

/** Routers keep answers of products, each for all viewers and both routers. */
let staff: MallClient
let shopper: MallClient
let strangers: [MallClient, MallClient]
let products: pg.Client
let skuId: string
let productId: string
beforeAll(async () => {
  staff = await clientOf('staff@mall.test')
  shopper = await clientOf('shopper@mall.test')
  strangers = [createClient(routerUrl(0)), createClient(routerUrl(1))]
  products = new pg.Client({ connectionString: mallState().databases.products })
  await products.connect()
})
beforeEach(async () => {
  skuId = await createSku(staff, { stock: 10, price: 1_000 })
  productId = skuId.replace(/^sku-/, '')
})
afterAll(async () => {
  await products.end()
  await Promise.all([staff, shopper, ...strangers].map((client) => client.close()))
})

/** Changes a price where nobody is told of it: whoever still sees the old one was not answered by the subgraph. */
const repriceUntold = (price: number) =>
  products.query('update sku set price = $1 where id = $2', [price, skuId])

/** Waits until all see a price that is no more: the outbox may make routers forget a new article once more. */
const isKept = (readers: readonly (() => Promise<number | undefined>)[]) =>
  eventually('the price is kept', async () => {
    const seen = (await readers[0]?.()) ?? 0
    await repriceUntold(seen + 1)
    const others = await Promise.all(readers.map((read) => read()))
    return others.every((price) => price === seen)
  })

const change = (changes: object) =>
  staff.query(
    `mutation ($input: UpdateProductInput!) { updateProduct(input: $input) { ... on Product { id } } }`,
    { input: { id: productId, ...changes } },
  )
const reprice = (price: number) => change({ skus: [{ id: skuId, price }] })

type Prices = { product?: { skus: Price[] }; sku?: Price; products?: { nodes: { skus: Price[] }[] } }
type Price = { price: { amount: number } }

/** The article's price, by each way to it. */
const ways = {
  'by its product': () => `{ product(id: "${productId}") { skus { price { amount } } } }`,
  'by its address': () => `{ product(slug: "${productId}") { skus { price { amount } } } }`,
  'by itself': () => `{ sku(id: "${skuId}") { price { amount } } }`,
  'in a list': () =>
    `{ products(search: { text: "${productId}" }, first: 1) { nodes { skus { price { amount } } } } }`,
}

async function priceSeen(client: MallClient, query: string): Promise<number | undefined> {
  const { product, sku, products: list } = await client.query<Prices>(query)
  return (sku ?? product?.skus[0] ?? list?.nodes[0]?.skus[0])?.price.amount
}

describe.each(Object.entries(ways))('a price, seen %s', (_way, query) => {
  it('is read once for all viewers and both routers', async () => {
    await isKept([...strangers, shopper, staff].map((one) => () => priceSeen(one, query())))
  })

  it('is the new one at both routers as soon as staff have changed it', async () => {
    for (const price of [1_100, 1_200, 1_300]) {
      await Promise.all(strangers.map((one) => priceSeen(one, query())))
      const begun = performance.now()
      await reprice(price)
      const seen = await Promise.all(strangers.map((one) => priceSeen(one, query())))
      expect(seen).toEqual([price, price])
      expect(performance.now() - begun).toBeLessThan(1_000)
    }
  })
})

describe('a product', () => {
  it('is found where staff have put it, and no more where it was', async () => {
    type Found = { products: { nodes: { id: string }[] } }
    const isIn = (category: string) =>
      Promise.all(
        strangers.map(async (one) => {
          const query = `{ products(search: { category: "${category}", text: "${productId}" }) { nodes { id } } }`
          return (await one.query<Found>(query)).products.nodes.some(({ id }) => id === productId)
        }),
      )
    for (const [to, from] of [
      ['books', 'sports'],
      ['sports', 'books'],
    ] as const) {
      await change({ categoryId: to })
      expect([await isIn(to), await isIn(from)]).toEqual([
        [true, true],
        [false, false],
      ])
    }
  })

  it('that was not there is there as soon as staff have added it', async () => {
    const slug = `late-${productId}`
    const see = () =>
      Promise.all(
        strangers.map(
          async (one) =>
            (await one.query<{ product: unknown }>(`{ product(slug: "${slug}") { id } }`)).product,
        ),
      )
    for (let round = 0; round < 2; round++) expect(await see()).toEqual([null, null])
    await staff.query(
      `mutation ($input: CreateProductInput!) { createProduct(input: $input) { ... on Product { id } } }`,
      { input: { slug, name: slug, categoryId: 'books', skus: [{ code: slug, options: [], price: 1 }] } },
    )
    expect(await see()).toEqual([{ id: slug }, { id: slug }])
  })
})

describe('an article that orders refer to', () => {
  it('is kept as an entity, and forgotten when its product changes', async () => {
    const { id = '' } = await place(shopper, skuId)
    await followOrder(shopper, id)
    const query = '{ order(id: "' + id + '") { lines { sku { code price { amount } product { name } } } } }'
    type Seen = { order: { lines: { sku: Price & { product: { name: string } } }[] } }
    const see = async () => (await shopper.query<Seen>(query)).order.lines[0]?.sku
    await isKept([async () => (await see())?.price.amount])
    await reprice(1_500)
    expect((await see())?.price.amount).toBe(1_500)
  })
})

describe('stock', () => {
  it('is always live: after an order both routers show what is left, however it is asked', async () => {
    const queries = [
      `{ sku(id: "${skuId}") { price { amount } stock { available } } }`,
      `{ product(id: "${productId}") { name skus { stock { available } } } }`,
    ]
    const see = () =>
      Promise.all(
        strangers.flatMap((one) =>
          queries.map(async (query) =>
            Number(/"available":(\d+)/.exec(JSON.stringify(await one.query<object>(query)))?.[1]),
          ),
        ),
      )
    expect(await see()).toEqual([10, 10, 10, 10])
    for (const left of [8, 6]) {
      const { id = '' } = await place(shopper, skuId, { quantity: 2 })
      await followOrder(shopper, id)
      expect(await see()).toEqual([left, left, left, left])
    }
  })

  it('decides what is found in stock, and how many are counted', async () => {
    const found = async (one: MallClient) => {
      const query = `{ products(search: { text: "${productId}", inStock: true }) { totalCount } }`
      return (await one.query<{ products: { totalCount: number } }>(query)).products.totalCount
    }
    const before = await found(strangers[0])
    await followOrder(shopper, (await place(shopper, skuId, { quantity: 10 })).id ?? '')
    expect(await Promise.all(strangers.map(found))).toEqual([before - 1, before - 1])
  })

  it('that only some may see is not given to others after them', async () => {
    const query = `{ sku(id: "${skuId}") { code stock { reserved sold } } }`
    for (let round = 0; round < 2; round++) {
      expect(await seeStock(staff, skuId)).toMatchObject({ reserved: 0, sold: 0 })
      expect((await staff.send(query)).errors).toBeUndefined()
      for (const one of [shopper, ...strangers]) {
        const { data, errors } = await one.send<{ sku: object }>(query)
        expect(data?.sku).toMatchObject({ stock: { reserved: null, sold: null } })
        expect(errors).toHaveLength(2)
      }
    }
  })
})

describe('what is of a viewer', () => {
  it("is nobody else's: me, their orders, and a stranger is nobody", async () => {
    const other = await clientOf('shopper2@mall.test', 1)
    await followOrder(shopper, (await place(shopper, skuId)).id ?? '')
    const query = '{ me { id email } orders(first: 100) { nodes { id } } }'
    type Own = { me: { id: string; email: string } | null; orders: { nodes: { id: string }[] } | null }
    for (let round = 0; round < 2; round++) {
      const [mine, theirs] = [await shopper.query<Own>(query), await other.query<Own>(query)]
      expect(mine.me?.email).toBe('shopper@mall.test')
      expect(theirs.me?.email).toBe('shopper2@mall.test')
      const orders = new Set(mine.orders?.nodes.map(({ id }) => id))
      expect(orders.size).toBeGreaterThan(0)
      expect(theirs.orders?.nodes.some(({ id }) => orders.has(id))).toBe(false)
      for (const stranger of strangers)
        expect((await stranger.send<Own>(query)).data).toEqual({ me: null, orders: null })
    }
    await other.close()
  })

  it('is not in Redis at all', async () => {
    const token = await signIn(routerUrl(), 'shopper@mall.test')
    const asking = createClient(routerUrl(), token)
    await asking.query(
      '{ me { id email displayName } orders(first: 5) { nodes { shippingAddress { phone } } } }',
    )
    await asking.query(`{ product(id: "${productId}") { name } }`)
    const redis = new Redis(mallState().infrastructure.redis)
    const kept = await eventually('the product is kept', async () => {
      const keys = await redis.keys('cache:answer:*')
      const texts = keys.length === 0 ? [] : await redis.mget(keys)
      return texts.some((text) => text?.includes(productId)) && texts.join('\n')
    })
    expect(kept).not.toMatch(/mall\.test|displayName|shippingAddress|"reserved"|"available"/)
    await redis.quit()
    await asking.close()
  })
})
