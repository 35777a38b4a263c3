import { eventually } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Provoked, Trouble } from './support/faulty-bus.ts'
import { openFaultMall, type FaultMall, type Wish } from './support/fault-mall.ts'
import { createRandom, seed, shuffle } from './support/seed.ts'

/** A step of the saga: who does it on what, how it answers, what makes it refuse, and how long the tale allows it. */
const steps = [
  {
    step: 'RESERVE_STOCK',
    group: 'products-reserve',
    hears: 'order-placed',
    answers: 'stock-reserved',
    refused: { article: 'rare' },
    limitMs: 61_000,
    held: { refused: 'REJECTED none none', undone: 'RELEASED CLOSED RELEASED' },
  },
  {
    step: 'ALLOCATE_WAREHOUSE',
    group: 'orders-warehouse',
    hears: 'payment-succeeded',
    answers: 'warehouse-allocated',
    refused: { region: 'nowhere' },
    limitMs: 121_000,
    held: { refused: 'RELEASED REFUNDED REJECTED', undone: 'RELEASED REFUNDED RELEASED' },
  },
  {
    step: 'INITIATE_PAYMENT',
    group: 'orders-payment',
    hears: 'stock-reserved',
    answers: 'payment-succeeded',
    refused: { article: 'thirteen' },
    limitMs: 601_000,
    held: { refused: 'RELEASED FAILED none', undone: 'RELEASED REFUNDED RELEASED' },
  },
] as const
type Step = (typeof steps)[number]

interface Fault {
  wish?(step: Step): Wish
  trouble?(step: Step): Trouble
  /** How often it goes wrong. */
  times?: number
  ends: 'confirmed' | 'refused' | 'overdue'
}

const answering = (does: 'lost' | 'twice' | 'late' | 'refused') => ({
  trouble: ({ answers: type }: Step): Trouble => ({ on: 'publish', type, does }),
})
const handling = (does: 'throws' | 'dies') => ({
  trouble: ({ group, hears: type }: Step): Trouble => ({ on: 'handle', group, type, does }),
})
const faults: Record<string, Fault> = {
  refuses: { wish: ({ refused }) => refused, ends: 'refused' },
  'throws twice': { ...handling('throws'), times: 2, ends: 'confirmed' },
  'dies twice after its work': { ...handling('dies'), times: 2, ends: 'confirmed' },
  'throws for ever': { ...handling('throws'), ends: 'overdue' },
  'never answers': { ...answering('lost'), ends: 'overdue' },
  'answers when all is undone': { ...answering('late'), ends: 'overdue' },
  'answers twice': { ...answering('twice'), ends: 'confirmed' },
  'answers once in vain': { ...answering('lost'), times: 1, ends: 'confirmed' },
  'cannot reach the broker twice': { ...answering('refused'), times: 2, ends: 'confirmed' },
  'is not asked the first time': {
    trouble: ({ hears: type }) => ({ on: 'publish', type, does: 'lost' }),
    times: 1,
    ends: 'confirmed',
  },
}
const cases = steps.flatMap((step) =>
  Object.entries(faults).map(([name, fault]) => ({ name: `${step.step} ${name}`, step, ...fault })),
)

// The sweeper may hold back for half a minute when it takes slow orders for a queue (saga/pace.ts).
const patience = { timeoutMs: 90_000, everyMs: 50 }
let mall: FaultMall
const orders = new Map<string, bigint>()
const troubles = new Map<string, Provoked>()
const isForward = new Map<string, boolean>()

const idOf = (name: string) => orders.get(name) ?? 0n
const statusOf = async (name: string) => (await mall.find(idOf(name))).status

/** Throws with where the order is instead. */
async function mustBe(name: string, isThere: (status: string, hits: number) => boolean): Promise<true> {
  const { status, steps } = await mall.find(idOf(name))
  const hits = troubles.get(name)?.hits() ?? 0
  if (isThere(status, hits)) return true
  const attempts = steps.map((step) => `${step.status} ${step.attempts}`).join(', ')
  throw new Error(`It is ${status} (${attempts}), its trouble struck ${hits} times`)
}

/** All cases at once: each order suffers only its own fault, and the consumers that they share go on for the others. */
beforeAll(async () => {
  mall = await openFaultMall()
  await Promise.all(
    shuffle(cases, createRandom(seed)).map(async ({ name, step, wish, trouble, times }) => {
      if (trouble) troubles.set(name, mall.faults.provoke(name, trouble(step), times))
      orders.set(name, await mall.place(name, wish?.(step)))
    }),
  )
  await Promise.all(
    cases.map(({ name, ends }) =>
      eventually(
        `"${name}" goes as far as it can`,
        () =>
          mustBe(name, (status, hits) =>
            ends === 'overdue' ? hits > 1 : ['CONFIRMED', 'CANCELLED'].includes(status),
          ),
        patience,
      ),
    ),
  )
  let passed = 0
  for (const step of steps) {
    const overdue = cases.filter((one) => one.step === step && one.ends === 'overdue')
    for (const { name } of overdue) isForward.set(name, (await statusOf(name)) !== 'CANCELLED')
    mall.advance(step.limitMs - passed)
    passed = step.limitMs
    await Promise.all(
      overdue.map(({ name }) =>
        eventually(`"${name}" is given up`, () => mustBe(name, (status) => status === 'CANCELLED'), patience),
      ),
    )
  }
  for (const trouble of troubles.values()) await trouble.end()
  await mall.atRest()
}, 240_000)
afterAll(() => mall.close())

describe(`an order when a step (seed ${seed})`, () => {
  it.each(cases.filter(({ ends }) => ends === 'confirmed'))('$name is confirmed', async ({ name }) => {
    const order = await mall.find(idOf(name))
    expect(order.status).toBe('CONFIRMED')
    expect(order.steps.map(({ status }) => status)).toEqual(['DONE', 'DONE', 'DONE'])
    const { total } = order
    expect(await mall.holdings(order.id)).toEqual({ held: 'COMMITTED SUCCEEDED ALLOCATED', balance: total })
    const history = await mall.history(order.id)
    expect(history).toEqual([...new Set(history)])
    expect(troubles.get(name)?.hits()).toBeGreaterThan(0)
  })

  it.each(cases.filter(({ ends }) => ends === 'refused'))(
    '$name is undone from there',
    async ({ name, step }) => {
      const order = await mall.find(idOf(name))
      expect(order.status).toBe('CANCELLED')
      const failed = order.steps.findIndex(({ name }) => name === step.step)
      expect(order.steps.map(({ status }) => status)).toEqual(
        order.steps.map((_, i) => (i < failed ? 'COMPENSATED' : i === failed ? 'FAILED' : 'SKIPPED')),
      )
      expect(await mall.holdings(order.id)).toEqual({ held: step.held.refused, balance: 0 })
    },
  )

  it.each(cases.filter(({ ends }) => ends === 'overdue'))(
    '$name is given up in time and undone',
    async ({ name, step, trouble }) => {
      const order = await mall.find(idOf(name))
      expect(isForward.get(name)).toBe(true)
      expect(order).toMatchObject({ status: 'CANCELLED', cancelReason: 'Not completed in time.' })
      const reached = order.steps.findIndex(({ name }) => name === step.step)
      expect(order.steps.map(({ status }) => status)).toEqual(
        order.steps.map((_, i) => (i <= reached ? 'COMPENSATED' : 'SKIPPED')),
      )
      const wasPaid = step.step !== 'INITIATE_PAYMENT' || trouble?.(step).does !== 'throws'
      const held = wasPaid ? step.held.undone : step.held.undone.replace('REFUNDED', 'CLOSED')
      expect(await mall.holdings(order.id)).toEqual({ held, balance: 0 })
    },
  )
})
