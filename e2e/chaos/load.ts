import { setTimeout as sleep } from 'node:timers/promises'
import { countUnit, drawErrand, runErrand } from './clerk.ts'
import type { Goods } from './goods.ts'
import type { Caller } from './graph.ts'
import type { Ledger } from './ledger.ts'
import { createRandom } from './random.ts'
import { drawPlan, shop } from './shopper.ts'

/** Who is signed in. */
export interface People {
  staff: string
  shoppers: readonly string[]
}

const shopperCount = 12
/** Beyond this many open orders nobody else comes in: clients wait, they do not pile up for ever. */
const mostAtOnce = 150
const visitorEveryMs = 3_000
/** One order in so many is accompanied by a clerk who counts a shelf. */
const ordersPerCount = 8

/** How shoppers feel. For a moment after a fault nearly all of them lose patience: what races then, races most. */
export interface Mood {
  impatientUntil: number
}

const impatientMs = 3_000

/** What a fault does to the mood. */
export const upset = (mood: Mood) => void (mood.impatientUntil = Date.now() + impatientMs)

/** Signs in everybody that a run needs. */
export async function signInAll(caller: Caller): Promise<People> {
  const logins = Array.from({ length: shopperCount }, (_, i) => `shopper${i + 1}@mall.test`)
  const [staff, ...shoppers] = await Promise.all(
    ['staff@mall.test', ...logins].map(async (login) => (await caller.signIn(login)) ?? ''),
  )
  return { staff: staff ?? '', shoppers }
}

/** Shops for a time, then waits for what is under way. Articles change from part to part of the run. */
export async function runLoad(options: {
  run: string
  seed: number
  durationMs: number
  perSecond: number
  goods: readonly Goods[]
  people: People
  caller: Caller
  ledger: Ledger
  mood: Mood
}): Promise<void> {
  const { run, seed, durationMs, perSecond, goods, people, caller, ledger, mood } = options
  const random = createRandom(seed ^ 0x5eed)
  const begun = Date.now()
  const open = new Set<Promise<void>>()
  const visitor = setInterval(() => void caller.signIn('shopper@mall.test'), visitorEveryMs)
  for (let count = 0; Date.now() - begun < durationMs; count += 1) {
    const isImpatient = Date.now() < mood.impatientUntil
    const plan = drawPlan(random, people.shoppers.length, isImpatient)
    const errand = drawErrand(random)
    const part = Math.floor(((Date.now() - begun) / durationMs) * goods.length)
    const now = goods[Math.min(part, goods.length - 1)]
    if (!now) throw new Error('There is nothing to buy')
    follow(one(plan, errand, now, `${run}-${count}`))
    if (count % ordersPerCount === 0) {
      const counted = {
        skuId: now.plain,
        key: `${run}-${count}`,
        delta: random.next() < 0.7 ? 1 : -1,
      } as const
      follow(countUnit(counted, people.staff, { caller, ledger }))
    }
    await sleep(random.next() * (2_000 / perSecond) * (isImpatient ? 0.5 : 1))
    while (open.size >= mostAtOnce && Date.now() - begun < durationMs) await Promise.race(open)
  }
  clearInterval(visitor)
  await Promise.all(open)

  function follow(work: Promise<void>): void {
    const followed = work.finally(() => open.delete(followed))
    open.add(followed)
  }

  async function one(
    plan: ReturnType<typeof drawPlan>,
    errand: ReturnType<typeof drawErrand>,
    now: Goods,
    key: string,
  ): Promise<void> {
    const deps = { caller, goods: now, ledger }
    const id = await shop(plan, people.shoppers[plan.shopper] ?? '', key, deps)
    if (id !== null && plan.intent === 'plain')
      await runErrand(errand, { id, skuId: now.plain }, people.staff, deps)
  }
}
