import { randomUUID } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import { eventually, signIn, type MallClient } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, clientOf, createSku, place, routerUrl } from '../shop.ts'

/** The keys for development in partners/keys.yaml. */
const partner = 'key_demo-partner-for-development-only'
const warehouse = 'key_demo-warehouse-for-development-only'

let admin: MallClient
let skuId: string
beforeAll(async () => {
  admin = await clientOf('admin@mall.test')
  skuId = await createSku(admin, { stock: 20 })
})
afterAll(() => admin.close())

async function ask(
  method: string,
  path: string,
  options: { key?: string; token?: string; body?: object } = {},
) {
  const { key, token, body } = options
  const response = await fetch(`${routerUrl()}${path}`, {
    method,
    headers: {
      ...(key ? { 'x-api-key': key } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, body: await response.json() }
}

const orderOf = (changes: object = {}) => ({
  lines: [{ skuId, quantity: 1 }],
  shippingAddress: address,
  paymentMethod: 'SANDBOX',
  idempotencyKey: randomUUID(),
  ...changes,
})
const placeAs = (key: string, changes?: object) => ask('POST', '/v1/orders', { key, body: orderOf(changes) })

describe('a partner with a key', () => {
  it('lists products, orders one and follows the order until it is confirmed and shipped', async () => {
    const products = await ask('GET', '/v1/products?inStock=true&first=3&sort=PRICE_ASC', { key: partner })
    expect(products.status).toBe(200)
    expect(products.body.data.nodes).toHaveLength(3)
    const [first] = products.body.data.nodes
    const product = await ask('GET', `/v1/products/${first.id}`, { key: partner })
    expect(product.body.data).toMatchObject({ id: first.id, slug: first.slug, skus: first.skus })

    const placed = await placeAs(partner)
    expect([placed.status, placed.body.data.lines]).toMatchObject([201, [{ quantity: 1 }]])
    const path = `/v1/orders/${placed.body.data.id}`
    const seen = () => ask('GET', path, { key: partner })
    await eventually('the order is confirmed', async () => (await seen()).body.data.status === 'CONFIRMED')
    const timeline = await ask('GET', `${path}/timeline`, { key: partner })
    expect(timeline.body.data.timeline.map(({ type }: { type: string }) => type)).toContain('stock-reserved')

    const parcel = { trackingNumber: 'T-1' }
    const refused = await ask('POST', `${path}/ship`, { key: partner, body: parcel })
    expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN'])
    const shipped = await ask('POST', `${path}/ship`, { key: warehouse, body: parcel })
    expect([shipped.status, shipped.body.data.status]).toEqual([200, 'SHIPPED'])
    const again = await ask('POST', `${path}/ship`, { key: warehouse, body: parcel })
    expect([again.status, again.body.error]).toMatchObject([409, { status: 'SHIPPED' }])
    const late = await ask('POST', `${path}/cancel`, { key: partner, body: { reason: 'too late' } })
    expect([late.status, late.body.code]).toEqual([409, 'OrderNotCancellableError'])

    const listed = await ask('GET', '/v1/orders?first=5', { key: partner })
    expect(listed.body.data.nodes.map(({ id }: { id: string }) => id)).toContain(placed.body.data.id)
  })

  it('cancels an order without giving a reason', async () => {
    const placed = await placeAs(partner)
    const path = `/v1/orders/${placed.body.data.id}`
    const cancelled = await ask('POST', `${path}/cancel`, { key: partner })
    expect(cancelled.status).toBe(200)
    await eventually('the order is cancelled', async () => {
      return (await ask('GET', path, { key: partner })).body.data.status === 'CANCELLED'
    })
  })

  it('gets one order for one idempotency key, and 409 for another order under it', async () => {
    const body = orderOf()
    const send = (changed: object) =>
      ask('POST', '/v1/orders', { key: partner, body: { ...body, ...changed } })
    const [one, two] = [await send({}), await send({})]
    expect([one.status, two.status, two.body.data.id]).toEqual([201, 201, one.body.data.id])
    const other = await send({ lines: [{ skuId, quantity: 2 }] })
    expect([other.status, other.body.code]).toEqual([409, 'IdempotencyConflictError'])
  })

  it('sees what is free of a SKU, and with a scope also what is reserved', async () => {
    const free = await ask('GET', `/v1/skus/${skuId}/stock`, { key: partner })
    expect(free.body.data.stock).toMatchObject({ available: expect.any(Number), reserved: null, sold: null })
    expect(
      free.body.errors.map(({ pointer, code }: { pointer: string; code: string }) => [pointer, code]),
    ).toEqual([
      ['/data/stock/reserved', 'FORBIDDEN'],
      ['/data/stock/sold', 'FORBIDDEN'],
    ])
    const all = await ask('GET', `/v1/skus/${skuId}/stock`, { key: warehouse })
    expect(all.body.data.stock.reserved).toEqual(expect.any(Number))
    expect(all.body.errors).toBeUndefined()
  })

  it('is the same at /graphql', async () => {
    const query = '{ orders(first: 1) { nodes { id } } }'
    const { status, body } = await ask('POST', '/graphql', { key: partner, body: { query } })
    expect([status, body.data.orders.nodes.length]).toEqual([200, 1])
  })
})

describe('what a partner is refused', () => {
  it('401: an order without a key, and whatever comes with an unknown one', async () => {
    expect((await ask('POST', '/v1/orders', { body: orderOf() })).body).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
    })
    expect((await ask('GET', '/v1/products', { key: 'key_of-nobody' })).status).toBe(401)
    expect((await ask('GET', '/v1/products')).status).toBe(200)
  })

  it("404: unknown ids, another customer's order, unknown routes", async () => {
    const shopper = await clientOf('shopper@mall.test')
    const { id } = await place(shopper, skuId)
    await shopper.close()
    for (const path of [
      `/v1/orders/${id}`,
      '/v1/orders/1',
      '/v1/products/none',
      '/v1/skus/none/stock',
      '/v1/none',
    ])
      expect([path, (await ask('GET', path, { key: partner })).status]).toEqual([path, 404])
    expect((await ask('POST', `/v1/orders/${id}/cancel`, { key: partner, body: {} })).body).toMatchObject({
      status: 404,
      code: 'NotFoundError',
    })
  })

  it('409: more than there is, with what could be had', async () => {
    const { status, body } = await placeAs(partner, { lines: [{ skuId, quantity: 900 }] })
    expect([status, body.code]).toEqual([409, 'InsufficientStockError'])
    expect(body.error.shortages).toEqual([{ skuId, requested: 900, available: expect.any(Number) }])
  })

  it('422: what the shop does not accept; 400: what does not fit at all', async () => {
    const none = await placeAs(partner, { lines: [{ skuId, quantity: 0 }] })
    expect([none.status, none.body.error]).toMatchObject([422, { field: 'lines.0.quantity' }])
    const unknown = await placeAs(partner, { lines: [{ skuId: 'none', quantity: 1 }] })
    expect([unknown.status, unknown.body.code]).toEqual([422, 'SkuUnavailableError'])
    const unfit = await placeAs(partner, { lines: [{ skuId, quantity: 'one' }] })
    expect([unfit.status, unfit.body.errors]).toMatchObject([
      400,
      [{ in: 'body', pointer: '/lines/0/quantity' }],
    ])
    const text = await ask('GET', '/v1/products?first=few', { key: partner })
    expect([text.status, text.body.errors]).toMatchObject([400, [{ in: 'query', pointer: '/first' }]])
  })
})

it("a shopper's token does as well as a key, for the shopper's own orders", async () => {
  const token = await signIn(routerUrl(), 'shopper@mall.test')
  const placed = await ask('POST', '/v1/orders', { token, body: orderOf() })
  expect(placed.status).toBe(201)
  const path = `/v1/orders/${placed.body.data.id}`
  expect((await ask('GET', path, { token })).status).toBe(200)
  expect((await ask('GET', path, { key: partner })).status).toBe(404)
})

it('the description is valid OpenAPI 3.1 and shown at /docs', async () => {
  const { status, body } = await ask('GET', '/openapi.json')
  expect([status, body.openapi]).toEqual([200, '3.1.1'])
  expect(await new Validator().validate(body)).toEqual({ valid: true })
  const page = await fetch(`${routerUrl()}/docs`)
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
})
