import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from './graph.ts'
import type { Ledger } from './ledger.ts'
import type { Random } from './random.ts'

/** What staff do with an order after it was sold. */
export type Errand = 'ship' | 'ship-and-return' | 'refund-some' | 'refund-all' | 'none'

const errands: readonly Errand[] = ['ship', 'ship-and-return', 'refund-some', 'refund-all', 'none']

/** Draws an errand for an order. */
export const drawErrand = (random: Random) => ({ errand: random.pick(errands), afterMs: random.below(5_000) })

const refusals = [
  'OrderNotShippableError',
  'OrderNotDeliverableError',
  'OrderNotRefundableError',
  'OrderNotReturnableError',
  'InvalidInputError',
]

/** Counts one unit into a shelf, or out of it; asked for twice, as an impatient clerk does. */
export async function countUnit(
  { skuId, key, delta }: { skuId: string; key: string; delta: 1 | -1 },
  token: string,
  { caller, ledger }: { caller: Caller; ledger: Ledger },
): Promise<void> {
  for (let i = 0; i < 2; i += 1) {
    const answer = await caller.call<{ adjustStock: { __typename: string } }>(
      token,
      `mutation ($skuId: ID!, $delta: Int!, $key: ID!) {
        adjustStock(skuId: $skuId, delta: $delta, reason: "chaos", idempotencyKey: $key) { __typename }
      }`,
      { skuId, delta, key },
    )
    const name = answer?.data.adjustStock.__typename
    if (name !== undefined && name !== 'Sku' && name !== 'InsufficientStockError')
      ledger.surprises.push(`adjustStock: ${name}`)
  }
}

/** Runs an errand; each step is sent twice, as an impatient clerk does. */
export async function runErrand(
  { errand, afterMs }: ReturnType<typeof drawErrand>,
  order: { id: string; skuId: string },
  token: string,
  { caller, ledger }: { caller: Caller; ledger: Ledger },
): Promise<void> {
  if (errand === 'none') return
  await sleep(afterMs)
  const { id, skuId } = order
  if (errand === 'refund-all' || errand === 'refund-some') {
    await refund(errand === 'refund-all' ? null : 400)
    return
  }
  if (
    !(await twice(
      'mutation ($id: ID!) { answer: shipOrder(id: $id, trackingNumber: "SF1") { __typename } }',
      { id },
    ))
  )
    return
  ledger.promises.push({ orderId: id, what: 'shipped' })
  if (await twice('mutation ($id: ID!) { answer: markDelivered(id: $id) { __typename } }', { id }))
    ledger.promises.push({ orderId: id, what: 'delivered' })
  if (errand === 'ship') return
  const key = `return-${id}`
  const input = { orderId: id, lines: [{ skuId, quantity: 1 }], idempotencyKey: key }
  if (
    await twice(
      'mutation ($input: ReceiveReturnInput!) { answer: receiveReturn(input: $input) { __typename } }',
      { input },
    )
  )
    ledger.promises.push({ orderId: id, what: 'returned', key })
  await refund(700)

  async function refund(amount: number | null): Promise<void> {
    const key = `refund-${id}`
    const isAccepted = await twice(
      `mutation ($id: ID!, $amount: SafeInt, $key: ID!) {
        answer: refundOrder(id: $id, amount: $amount, reason: "chaos", idempotencyKey: $key) { __typename }
      }`,
      { id, amount, key },
    )
    if (isAccepted) ledger.promises.push({ orderId: id, what: 'refunded', key })
  }

  /** True when either answer was the order: the first may have been lost after it was carried out. */
  async function twice(query: string, variables: object): Promise<boolean> {
    const answers = []
    for (let i = 0; i < 2; i += 1)
      answers.push(
        (await caller.call<{ answer: { __typename: string } }>(token, query, variables))?.data.answer
          .__typename,
      )
    const strange = answers.filter(
      (name) => name !== undefined && name !== 'Order' && !refusals.includes(name),
    )
    ledger.surprises.push(...strange.map((name) => `${query.slice(0, 90)}: ${name}`))
    return answers.includes('Order')
  }
}
