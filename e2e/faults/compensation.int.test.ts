import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openFaultMall, type FaultMall } from './support/fault-mall.ts'
import type { Provoked, Trouble } from './support/faulty-bus.ts'
import { createRandom, seed, shuffle } from './support/seed.ts'

/** What gives back a step of a cancelled order. An order is confirmed before, unless its payment is kept from it. */
const undos = [
  { undo: 'warehouse-release', group: 'orders-warehouse', answers: 'warehouse-released', paid: true },
  { undo: 'payment-refund', group: 'orders-payment', answers: 'payment-refunded', paid: true },
  { undo: 'payment-close', group: 'orders-payment', answers: 'payment-closed', paid: false },
  { undo: 'stock-release', group: 'products-release', answers: 'stock-released', paid: true },
] as const
type Undo = (typeof undos)[number]

interface Fault {
  trouble: ((undo: Undo) => Trouble) | 'the bank refuses'
  /** How often it goes wrong; for ever unless said. */
  times?: number
}

const asked = (does: 'lost' | 'twice') => ({
  trouble: ({ undo: type }: Undo): Trouble => ({ on: 'publish', type, does }),
})
const answering = (does: 'lost' | 'twice' | 'late' | 'refused') => ({
  trouble: ({ answers: type }: Undo): Trouble => ({ on: 'publish', type, does }),
})
const handling = (does: 'throws' | 'dies') => ({
  trouble: ({ group, undo: type }: Undo): Trouble => ({ on: 'handle', group, type, does }),
})
const faults: Record<string, Fault> = {
  'throws twice, then works': { ...handling('throws'), times: 2 },
  'dies twice after its work': { ...handling('dies'), times: 2 },
  'is not asked the first time': { ...asked('lost'), times: 1 },
  'is asked twice': asked('twice'),
  'answers once in vain': { ...answering('lost'), times: 1 },
  'answers twice': answering('twice'),
  'cannot reach the broker twice': { ...answering('refused'), times: 2 },
  'never works': handling('throws'),
  'never answers': answering('late'),
}
const bankFaults: Record<string, Fault> = {
  'is refused by the bank twice': { trouble: 'the bank refuses', times: 2 },
  'never works at the bank': { trouble: 'the bank refuses' },
}
const cases = undos.flatMap((undo) =>
  Object.entries({ ...faults, ...(undo.undo === 'payment-refund' ? bankFaults : {}) }).map(
    ([name, fault]) => ({ name: `${undo.undo} ${name}`, undo, ...fault, isStuck: name.startsWith('never') }),
  ),
)

const stuck = cases.filter(({ isStuck }) => isStuck)

// The sweeper may hold back for half a minute when it takes slow orders for a queue (saga/pace.ts).
const patience = { timeoutMs: 90_000, everyMs: 50 }
/** Asked for this often without an answer, staff are called (saga/state.ts). */
const alarmAfterAttempts = 6
let mall: FaultMall
const orders = new Map<string, bigint>()
const troubles = new Map<string, Provoked>()
const whenStuck = new Map<string, Awaited<ReturnType<typeof look>>>()
const whenStuckLater = new Map<string, Awaited<ReturnType<typeof look>>>()
let alarms = 0

beforeAll(async () => {
  mall = await openFaultMall()
  const random = createRandom(seed)
  const passing = cases.filter(({ isStuck }) => !isStuck)
  await Promise.all(shuffle(passing, random).map(cancelInTrouble))
  await allBecome(passing, 'undone', ({ status }) => status === 'CANCELLED')
  const before = await countAlarms()
  await Promise.all(shuffle(stuck, random).map(cancelInTrouble))
  await allBecome(stuck, 'being undone', ({ status }) => status === 'CANCELLING')
  await allBecome(stuck, 'in trouble', (_, name) => (troubles.get(name)?.hits() ?? 0) > 0)
  for (let attempt = 2; attempt <= alarmAfterAttempts; attempt += 1) {
    mall.advance(61_000)
    await allBecome(stuck, `asked ${attempt} times`, ({ attempts }) => attempts >= attempt)
  }
  for (const { name } of stuck) whenStuck.set(name, await look(name))
  alarms = (await countAlarms()) - before
  await sleep(1_500)
  for (const { name } of stuck) whenStuckLater.set(name, await look(name))
  for (const trouble of troubles.values()) await trouble.end()
  mall.advance(61_000)
  await allBecome(stuck, 'undone', ({ status }) => status === 'CANCELLED')
  await mall.atRest()
}, 240_000)
afterAll(() => mall.close())

describe(`a cancelled order (seed ${seed})`, () => {
  it.each(cases)('gives all back when $name', async ({ name, undo }) => {
    const order = await mall.find(orders.get(name) ?? 0n)
    expect(order.status).toBe('CANCELLED')
    expect(order.steps.map(({ status }) => status)).toEqual(
      undo.paid ? ['COMPENSATED', 'COMPENSATED', 'COMPENSATED'] : ['COMPENSATED', 'COMPENSATED', 'SKIPPED'],
    )
    const held = undo.paid ? 'RELEASED REFUNDED RELEASED' : 'RELEASED CLOSED RELEASED'
    expect(await mall.holdings(order.id)).toEqual({ held, balance: 0 })
    const history = await mall.history(order.id)
    expect(history).toEqual([...new Set(history)])
    expect(troubles.get(name)?.hits()).toBeGreaterThan(0)
    expect(await look(name)).toMatchObject({ needsAttention: false })
  })

  it.each(stuck)('waits for staff while $name, and then ends', ({ name }) => {
    expect(whenStuck.get(name)).toMatchObject({ status: 'CANCELLING', needsAttention: true })
  })

  it('calls staff once for each that is stuck', () => {
    expect(alarms).toBe(stuck.length)
  })

  it('is asked for ever more rarely while that never works', () => {
    // By now a minute or so lies between two attempts, and the saga's time has not moved by more than seconds.
    expect(whenStuckLater).toEqual(whenStuck)
  })
})

/** Brings an order to where it can be cancelled, provokes the trouble and cancels it. */
async function cancelInTrouble({ name, undo, trouble, times = Infinity }: (typeof cases)[number]) {
  const unpaid: Trouble = { on: 'handle', group: 'orders-payment', type: 'stock-reserved', does: 'throws' }
  if (!undo.paid) mall.faults.provoke(name, unpaid)
  const id = await mall.place(name)
  orders.set(name, id)
  const from = undo.paid ? 'CONFIRMED' : 'STOCK_RESERVED'
  await eventually(`"${name}" is ${from}`, async () => (await mall.find(id)).status === from, patience)
  troubles.set(
    name,
    trouble === 'the bank refuses'
      ? mall.bank.refuseRefunds(String(id), times)
      : mall.faults.provoke(name, trouble(undo), times),
  )
  await mall.saga.handle([{ orderId: id, event: { type: 'cancel-requested' } }])
}

async function allBecome(
  some: typeof cases,
  what: string,
  holds: (seen: Awaited<ReturnType<typeof look>>, name: string) => boolean,
): Promise<void> {
  await Promise.all(
    some.map(({ name }) =>
      eventually(
        `"${name}" is ${what}`,
        async () => {
          const seen = await look(name)
          if (holds(seen, name)) return true
          throw new Error(`It is ${JSON.stringify(seen)}`)
        },
        patience,
      ),
    ),
  )
}

async function look(name: string) {
  const id = orders.get(name) ?? 0n
  const { needsAttention } = await mall.ordersDb.order.findUniqueOrThrow({ where: { id } })
  const { status, steps } = await mall.find(id)
  return { status, needsAttention, attempts: Math.max(...steps.map(({ undo }) => undo?.attempts ?? 0)) }
}

async function countAlarms(): Promise<number> {
  const metric = await mall.metrics.getSingleMetric('mall_orders_alarms_total')?.get()
  return metric?.values[0]?.value ?? 0
}
