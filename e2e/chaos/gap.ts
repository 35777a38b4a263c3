import { setTimeout as sleep } from 'node:timers/promises'
import type { Mall } from '@mall/stack'
import { ask } from './figures.ts'
import type { Goods } from './goods.ts'
import type { Caller } from './graph.ts'
import type { Ledger } from './ledger.ts'
import type { People } from './load.ts'
import { shop } from './shopper.ts'

/** What shoppers feel of one killed instance of two, in milliseconds. */
export interface Gap {
  target: string
  /** The longest time in which no order at all was confirmed. */
  silenceMs: number
  /** The longest that one order took: its partition was the dead one's until the group had noticed. */
  slowestMs: number
}

const everyMs = 50
const watchedMs = 6_000

/** Kills one instance in calm weather while orders come in steadily, and sees how long they wait. */
export async function measureGap(
  mall: Mall,
  target: string,
  deps: { run: string; caller: Caller; goods: Goods; ledger: Ledger; people: People },
): Promise<Gap> {
  const key = `${deps.run}-gap-${target}`
  const plan = {
    intent: 'plain',
    shopper: 0,
    isDouble: false,
    rare: 0,
    cancelAfterMs: 0,
    repeats: 0,
    inParallel: false,
    isConfusing: false,
  } as const
  const orders: Promise<unknown>[] = []
  const begun = Date.now()
  for (let count = 0; Date.now() - begun < watchedMs; count += 1) {
    if (count === 20) process.kill(mall.state().pids[target] ?? 0, 'SIGKILL')
    const token = deps.people.shoppers[count % deps.people.shoppers.length] ?? ''
    orders.push(shop(plan, token, `${key}-${count}`, deps))
    await sleep(everyMs)
  }
  await Promise.all(orders)
  const confirmed = await untilConfirmed(mall, key)
  const times = confirmed.map(({ at }) => at).sort((a, b) => a - b)
  return {
    target,
    silenceMs: Math.round(Math.max(0, ...times.slice(1).map((at, i) => at - (times[i] ?? at)))),
    slowestMs: Math.round(Math.max(0, ...confirmed.map(({ at, placed }) => at - placed))),
  }
}

/** When each order was placed and confirmed, epoch milliseconds. */
async function untilConfirmed(mall: Mall, key: string): Promise<{ placed: number; at: number }[]> {
  const end = Date.now() + 15_000
  for (;;) {
    const rows = await ask<{ placed: number; at: number | null }>(
      mall.state(),
      `select extract(epoch from placed_at)::float8 * 1000 as placed, (
         select extract(epoch from min(at))::float8 * 1000 from order_event e
         where e.order_id = o.id and e.type = 'warehouse-allocated') as at
       from "order" o where idempotency_key like $1 || '-%'`,
      [key],
    )
    const done = rows.flatMap(({ placed, at }) => (at === null ? [] : [{ placed, at }]))
    if (done.length === rows.length || Date.now() > end) return done
    await sleep(200)
  }
}
