import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MallClient } from '@mall/testing'
import {
  address,
  clientOf,
  createSku,
  decided,
  followOrder,
  place,
  placeOrderDocument,
  seeOrder,
  seeStock,
  stockBecomes,
} from '../shop.ts'

let staff: MallClient
let shopper: MallClient
beforeAll(async () => {
  staff = await clientOf('staff@mall.test')
  shopper = await clientOf('shopper@mall.test')
})
afterAll(() => Promise.all([staff, shopper].map((client) => client.close())))

describe('an order', () => {
  it('is confirmed, and its shopper sees every step of the way', async () => {
    const skuId = await createSku(staff, { stock: 10 })
    const placed = await place(shopper, skuId, { quantity: 2 })
    const seen = await followOrder(shopper, placed.id ?? '')
    expect(seen.at(-1)).toMatchObject({
      status: 'CONFIRMED',
      saga: [
        { name: 'RESERVE_STOCK', status: 'DONE' },
        { name: 'INITIATE_PAYMENT', status: 'DONE' },
        { name: 'ALLOCATE_WAREHOUSE', status: 'DONE' },
      ],
      payment: { status: 'SUCCEEDED' },
    })
    await stockBecomes(staff, skuId, { available: 8, reserved: 0, sold: 2 })
  })

  it('lowers the stock that others watch: the present state first, then only newer versions', async () => {
    const skuId = await createSku(staff, { stock: 10 })
    const before = await seeStock(staff, skuId)
    type Change = {
      available: number
      version: number
      sku: { id: string; product: { soldCount: number | null } }
    }
    const changes = shopper.subscribe<{ stockChanged: Change }>(
      `subscription ($ids: [ID!]!) {
        stockChanged(skuIds: $ids) { available version sku { id product { soldCount } } }
      }`,
      { ids: [skuId] },
    )
    const first = (await changes.next()).value?.stockChanged
    expect(first).toMatchObject({ available: 10, version: before.version, sku: { id: skuId } })
    expect(typeof first?.sku.product.soldCount).toBe('number')

    await place(shopper, skuId, { quantity: 3 })
    const seen: Change[] = []
    for await (const { stockChanged } of changes) {
      seen.push(stockChanged)
      if (stockChanged.available === 7) break
    }
    const versions = [before.version, ...seen.map(({ version }) => version)]
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b))
  })

  it('is cancelled with its stock back when the payment is refused', async () => {
    const skuId = await createSku(staff, { stock: 5, price: 1_313 })
    const placed = await place(shopper, skuId)
    const last = (await followOrder(shopper, placed.id ?? '')).at(-1)
    expect(last).toMatchObject({
      status: 'CANCELLED',
      saga: [{ status: 'COMPENSATED' }, { status: 'FAILED' }, { status: 'SKIPPED' }],
    })
    await stockBecomes(staff, skuId, { available: 5, reserved: 0, sold: 0 })
  })

  it('is cancelled, refunded and its stock back when no warehouse delivers', async () => {
    const skuId = await createSku(staff, { stock: 5 })
    const placed = await place(shopper, skuId, { region: 'nowhere' })
    const last = (await followOrder(shopper, placed.id ?? '')).at(-1)
    expect(last).toMatchObject({ status: 'CANCELLED', payment: { status: 'REFUNDED' } })
    await stockBecomes(staff, skuId, { available: 5, reserved: 0, sold: 0 })
  })

  it('is undone when its shopper cancels it after it was confirmed', async () => {
    const skuId = await createSku(staff, { stock: 5 })
    const { id = '' } = await place(shopper, skuId, { quantity: 2 })
    await followOrder(shopper, id)
    const { cancelOrder } = await shopper.query<{ cancelOrder: { __typename: string } }>(
      'mutation ($id: ID!) { cancelOrder(id: $id) { __typename ... on UserError { message } } }',
      { id },
    )
    expect(cancelOrder.__typename).toBe('Order')
    const [order] = await decided(shopper, [id])
    expect(order).toMatchObject({ status: 'CANCELLED', payment: { status: 'REFUNDED' } })
    await stockBecomes(staff, skuId, { available: 5, reserved: 0, sold: 0 })
  })
})

describe('an idempotency key', () => {
  it('makes one order, however often it is sent at once', async () => {
    const skuId = await createSku(staff, { stock: 50 })
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 10 }, () => place(shopper, skuId, { key })))
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1)
    await decided(shopper, [answers[0]?.id ?? ''])
    await stockBecomes(staff, skuId, { available: 49, reserved: 0, sold: 1 })
  })

  it('is refused for another order', async () => {
    const skuId = await createSku(staff, { stock: 5 })
    const key = randomUUID()
    await place(shopper, skuId, { key })
    expect(await place(shopper, skuId, { key, quantity: 2 })).toMatchObject({
      __typename: 'IdempotencyConflictError',
    })
  })
})

describe('a bad order', () => {
  const line = (quantity: number, skuId = 'sku-mistfall-thermos-white') => ({ skuId, quantity })
  it.each([
    ['no lines', { lines: [] }, { __typename: 'InvalidInputError', field: 'lines' }],
    ['a quantity of 0', { lines: [line(0)] }, { field: 'lines.0.quantity' }],
    ['a quantity of -1', { lines: [line(-1)] }, { field: 'lines.0.quantity' }],
    ['a quantity of 1,001', { lines: [line(1_001)] }, { field: 'lines.0.quantity' }],
    ['a repeated SKU', { lines: [line(1), line(1)] }, { field: 'lines.1.skuId' }],
    [
      'an unknown SKU',
      { lines: [line(1, 'no-such-sku')] },
      { __typename: 'SkuUnavailableError', skuId: 'no-such-sku' },
    ],
    [
      'a blank recipient',
      { shippingAddress: { ...address, recipient: ' ' } },
      { field: 'shippingAddress.recipient' },
    ],
    [
      'an over-long street',
      { shippingAddress: { ...address, line1: 'x'.repeat(201) } },
      { field: 'shippingAddress.line1' },
    ],
  ])('with %s is answered with a typed error and leaves nothing behind', async (_, input, expected) => {
    const idempotencyKey = randomUUID()
    const { placeOrder } = await shopper.query<{ placeOrder: object }>(placeOrderDocument, {
      input: {
        lines: [line(1)],
        shippingAddress: address,
        paymentMethod: 'SANDBOX',
        idempotencyKey,
        ...input,
      },
    })
    expect(placeOrder).toMatchObject(expected)
    // The key is free: had anything been kept under it, the good order would conflict.
    const good = await place(shopper, 'sku-mistfall-thermos-white', { key: idempotencyKey })
    expect(good.__typename).toBe('Order')
    await decided(shopper, [good.id ?? ''])
  })
})

describe("another shopper's order", () => {
  it('is null to look at, forbidden to watch and unknown to cancel', async () => {
    const skuId = await createSku(staff, { stock: 5 })
    const { id = '' } = await place(shopper, skuId)
    const other = await clientOf('shopper2@mall.test')
    expect(await seeOrder(other, id)).toBeNull()
    await expect(followOrder(other, id)).rejects.toThrow('FORBIDDEN')
    const { cancelOrder } = await other.query<{ cancelOrder: object }>(
      'mutation ($id: ID!) { cancelOrder(id: $id) { __typename } }',
      { id },
    )
    expect(cancelOrder).toEqual({ __typename: 'NotFoundError' })
    await other.close()
  })
})
