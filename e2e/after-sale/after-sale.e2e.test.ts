import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, type MallClient } from '@mall/testing'
import { checkConsistency } from '../consistency.ts'
import { clientOf, createSku, followOrder, place, stockBecomes } from '../shop.ts'

interface Answer {
  __typename: string
  status?: string
  message?: string
  field?: string
}

interface Seen {
  status: string
  payment: { status: string }
  shipments: { status: string; trackingNumber: string | null }[]
  refunds: { status: string; amount: { amount: number } }[]
}

let staff: MallClient
let shopper: MallClient
let skuId: string
beforeAll(async () => {
  staff = await clientOf('staff@mall.test')
  shopper = await clientOf('shopper@mall.test')
  skuId = await createSku(staff, { stock: 100, price: 1_000 })
})
afterAll(async () => {
  checkConsistency()
  await Promise.all([staff, shopper].map((client) => client.close()))
})

const result =
  '{ __typename ... on Order { status } ... on InvalidInputError { field } ... on UserError { message } }'
const mutations = {
  ship: `mutation ($id: ID!) { answer: shipOrder(id: $id, trackingNumber: "SF1001") ${result} }`,
  deliver: `mutation ($id: ID!) { answer: markDelivered(id: $id) { __typename ... on Order { status } } }`,
  cancel: `mutation ($id: ID!) { answer: cancelOrder(id: $id) { __typename } }`,
  refund: `mutation ($id: ID!, $amount: SafeInt, $key: ID!) {
    answer: refundOrder(id: $id, amount: $amount, reason: "late", idempotencyKey: $key) ${result}
  }`,
  takeBack: `mutation ($input: ReceiveReturnInput!) { answer: receiveReturn(input: $input) ${result} }`,
}
const tell = async (client: MallClient, mutation: keyof typeof mutations, variables: object) =>
  (await client.query<{ answer: Answer }>(mutations[mutation], variables)).answer

const see = async (id: string) =>
  (
    await shopper.query<{ order: Seen }>(
      `query ($id: ID!) { order(id: $id) {
        status payment { status } shipments { status trackingNumber } refunds { status amount { amount } }
      } }`,
      { id },
    )
  ).order
const becomes = (id: string, expected: (order: Seen) => boolean) =>
  eventually(`order ${id} is as expected`, async () => {
    const order = await see(id)
    return expected(order) && order
  })

async function confirmedOrder(quantity: number): Promise<string> {
  const { id = '' } = await place(shopper, skuId, { quantity })
  expect((await followOrder(shopper, id)).at(-1)?.status).toBe('CONFIRMED')
  return id
}

describe('after an order is confirmed', () => {
  it('it is shipped, delivered, partly refunded and partly returned, each once', async () => {
    const id = await confirmedOrder(3)
    const sold = (await stockBecomes(staff, skuId, { reserved: 0 })).sold
    expect(await tell(staff, 'ship', { id })).toMatchObject({ __typename: 'Order', status: 'SHIPPED' })
    expect(await tell(staff, 'ship', { id })).toMatchObject({ __typename: 'OrderNotShippableError' })
    expect(await tell(shopper, 'cancel', { id })).toMatchObject({ __typename: 'OrderNotCancellableError' })
    await becomes(id, ({ shipments }) => shipments[0]?.status === 'SHIPPED')
    expect(await tell(staff, 'deliver', { id })).toMatchObject({ status: 'DELIVERED' })
    expect((await becomes(id, ({ shipments }) => shipments[0]?.status === 'DELIVERED')).shipments).toEqual([
      { status: 'DELIVERED', trackingNumber: 'SF1001' },
    ])

    const key = randomUUID()
    for (let i = 0; i < 3; i += 1) await tell(staff, 'refund', { id, amount: 1_000, key })
    await becomes(id, ({ payment }) => payment.status === 'PARTIALLY_REFUNDED')
    expect(await tell(staff, 'refund', { id, amount: 999, key })).toMatchObject({
      __typename: 'IdempotencyConflictError',
    })
    expect(await tell(staff, 'refund', { id, amount: 2_001, key: randomUUID() })).toMatchObject({
      __typename: 'InvalidInputError',
      field: 'amount',
    })

    const input = { orderId: id, lines: [{ skuId, quantity: 2 }], idempotencyKey: randomUUID() }
    for (let i = 0; i < 3; i += 1)
      expect(await tell(staff, 'takeBack', { input })).toMatchObject({ __typename: 'Order' })
    expect(
      await tell(staff, 'takeBack', { input: { ...input, idempotencyKey: randomUUID() } }),
    ).toMatchObject({
      __typename: 'InvalidInputError',
      field: 'lines.0.quantity',
    })
    await stockBecomes(staff, skuId, { sold: sold - 2 })

    await tell(staff, 'refund', { id, amount: null, key: randomUUID() })
    const { refunds, payment } = await becomes(id, ({ status }) => status === 'REFUNDED')
    expect(payment.status).toBe('REFUNDED')
    expect(refunds.map(({ amount }) => amount.amount)).toEqual([1_000, 2_000])
  })

  it('a refund of everything before shipping gives units and goods back too', async () => {
    const before = await stockBecomes(staff, skuId, { reserved: 0 })
    const id = await confirmedOrder(2)
    await tell(staff, 'refund', { id, amount: null, key: randomUUID() })
    const { payment, shipments } = await becomes(id, ({ status }) => status === 'REFUNDED')
    expect(payment.status).toBe('REFUNDED')
    expect(shipments).toMatchObject([{ status: 'RELEASED' }])
    await stockBecomes(staff, skuId, { available: before.available, sold: before.sold })
    expect(await tell(staff, 'ship', { id })).toMatchObject({ __typename: 'OrderNotShippableError' })
  })

  it('is for staff only', async () => {
    const id = await confirmedOrder(1)
    const { data, errors } = await shopper.send(mutations.ship, { id })
    expect(data?.['answer'] ?? null).toBeNull()
    expect(errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
    expect((await see(id)).status).toBe('CONFIRMED')
  })
})
