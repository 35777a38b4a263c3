import { setTimeout as sleep } from 'node:timers/promises'
import { address, placeOrderDocument } from '../shop.ts'
import type { Goods } from './goods.ts'
import type { Caller } from './graph.ts'
import type { Ledger, Purchase } from './ledger.ts'
import type { Random } from './random.ts'

/** What comes of an order by intention; the storm may make something else of it. */
export type Intent = 'plain' | 'unpayable' | 'nowhere' | 'cancelled' | 'scarce'

/** Out of a hundred orders: most must be undone, for undoing is what goes wrong. */
const shares: readonly [Intent, number][] = [
  ['plain', 25],
  ['unpayable', 20],
  ['nowhere', 22],
  ['cancelled', 27],
  ['scarce', 6],
]

/** What is drawn for an order before it is placed. */
export interface Plan {
  intent: Intent
  shopper: number
  isDouble: boolean
  /** Which of the rare articles is the second. */
  rare: number
  /** How long after the answer it is cancelled, in milliseconds. */
  cancelAfterMs: number
  /** How often it is sent once more after the answer, and whether at once or one after the other. */
  repeats: number
  inParallel: boolean
  /** The key is used for something else, too. */
  isConfusing: boolean
}

/** Draws an order. Who is impatient mostly cancels it. */
export function drawPlan(random: Random, shoppers: number, isImpatient = false): Plan {
  let left = random.below(100)
  const usual = shares.find(([, share]) => (left -= share) < 0)?.[0] ?? 'plain'
  const intent = isImpatient && random.next() < 0.6 ? 'cancelled' : usual
  return {
    intent,
    shopper: random.below(shoppers),
    isDouble: random.next() < 0.4,
    rare: random.below(1_000),
    // Half of them at once, racing with the reservation; the others at any moment of the saga or after it.
    cancelAfterMs: random.next() < 0.5 ? random.below(40) : random.below(4_000),
    repeats: random.next() < 0.3 ? 1 + random.below(3) : 0,
    inParallel: random.next() < 0.5,
    isConfusing: random.next() < 0.03,
  }
}

interface Placed {
  placeOrder: { __typename: string; id?: string }
}

/** Places one order as planned, and answers with its id when it was accepted. */
export async function shop(
  plan: Plan,
  token: string,
  key: string,
  deps: { caller: Caller; goods: Goods; ledger: Ledger },
): Promise<string | null> {
  const { caller, goods, ledger } = deps
  const lines = linesOf(plan, goods)
  const region = plan.intent === 'nowhere' ? 'nowhere' : address.region
  const inputOf = (quantity?: number) => ({
    input: {
      lines: lines.map((line) => ({ ...line, quantity: quantity ?? line.quantity })),
      shippingAddress: { ...address, region },
      paymentMethod: 'SANDBOX',
      idempotencyKey: key,
    },
  })
  const purchase: Purchase = { key, lines, ids: new Set(), answer: null, sends: 0, wasConfused: false }
  ledger.purchases.push(purchase)
  const send = async () => {
    const answer = await caller.call<Placed>(token, placeOrderDocument, inputOf())
    if (!answer) return
    const { __typename, id } = answer.data.placeOrder
    purchase.sends += answer.sends
    purchase.answer = __typename
    if (id) purchase.ids.add(id)
  }
  // A double click: whoever comes second must get the order of the first.
  await Promise.all(plan.repeats > 0 && plan.inParallel ? [send(), send()] : [send()])
  const [id] = purchase.ids
  if (id === undefined) return null
  for (let i = 0; i < plan.repeats; i += 1) await send()
  if (plan.isConfusing) {
    const other = await caller.call<Placed>(token, placeOrderDocument, inputOf(7))
    purchase.wasConfused = other !== null && other.data.placeOrder.__typename !== 'IdempotencyConflictError'
  }
  if (plan.intent === 'cancelled') await cancel(id, plan.cancelAfterMs, token, deps)
  return id
}

function linesOf({ intent, isDouble, rare }: Plan, goods: Goods) {
  if (intent === 'unpayable') return [{ skuId: goods.unpayable, quantity: 1 }]
  if (intent === 'scarce') return [{ skuId: goods.scarce, quantity: isDouble ? 3 : 1 }]
  const one = { skuId: goods.plain, quantity: 1 }
  const other = goods.rare[rare % goods.rare.length]
  return isDouble && other !== undefined ? [one, { skuId: other, quantity: 1 }] : [one]
}

async function cancel(
  orderId: string,
  afterMs: number,
  token: string,
  { caller, ledger }: { caller: Caller; ledger: Ledger },
): Promise<void> {
  await sleep(afterMs)
  const answer = await caller.call<{ cancelOrder: { __typename: string } }>(
    token,
    'mutation ($id: ID!) { cancelOrder(id: $id) { __typename } }',
    { id: orderId },
  )
  if (!answer) return
  const { __typename } = answer.data.cancelOrder
  if (__typename === 'Order') ledger.promises.push({ orderId, what: 'cancelled' })
  else if (__typename !== 'OrderNotCancellableError') ledger.surprises.push(`cancelOrder: ${__typename}`)
}
