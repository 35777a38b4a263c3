import { createCaller } from './http.ts'
import { closedLoop } from './load/closed.ts'
import { at, openLoop } from './load/open.ts'
import { openConfirmations } from './measure/confirmations.ts'
import { openCounters } from './measure/postgres.ts'
import { randomOrder } from './request.ts'
import { sides, type Side, type Stage } from './stage.ts'

/** From placing an order to seeing it confirmed, in milliseconds. */
export interface Latency {
  p50: number
  p95: number
}

/** The loads at which latency is measured, orders per second. */
export interface Rates {
  calm: number
  /** A third of what saturates ours. */
  third: number
  /** What saturates each of the chains. */
  transaction: number
  statement: number
}
export type RateName = keyof Rates

/** Latencies by load and side, one per repetition. A chain is not measured at the load that saturates the other. */
export type Latencies = Record<RateName, Partial<Record<Side, Latency[]>>>

const loadsOf: Record<Side, readonly RateName[]> = {
  ours: ['calm', 'third', 'transaction', 'statement'],
  transaction: ['calm', 'transaction'],
  statement: ['calm', 'statement'],
}

/** Measures each side under its loads, `repeat` times, the order of sides turned round each time. */
export async function measureLatencies(
  stage: Stage,
  rates: Rates,
  load: { seconds: number; skus: number; repeat: number },
): Promise<Latencies> {
  const found: Latencies = { calm: {}, third: {}, transaction: {}, statement: {} }
  for (let run = 0; run < load.repeat; run += 1)
    for (const side of run % 2 === 0 ? sides : sides.toReversed())
      for (const [name, latency] of await measureSide(stage, side, rates, load)) {
        const list = (found[name][side] ??= [])
        list.push(latency)
        console.log(
          `  ${side} at ${rates[name].toFixed(0)} orders/s: p50 ${latency.p50.toFixed(1)} ms, p95 ${latency.p95.toFixed(1)} ms`,
        )
      }
  return found
}

async function measureSide(
  stage: Stage,
  side: Side,
  rates: Rates,
  load: { seconds: number; skus: number },
): Promise<[RateName, Latency][]> {
  const running = await stage.start(side)
  const caller = createCaller(...running.urls)
  const counters = await openCounters(running.databases)
  const confirmations = side === 'ours' ? await openConfirmations(running) : null
  const place = () => caller.call<{ id: string }>('/orders', randomOrder(load.skus))
  const order = async () => {
    const { id } = await place()
    await confirmations?.until(id)
  }
  try {
    await closedLoop({ inFlight: 32, durationMs: 4_000 }, order)
    const latencies: [RateName, Latency][] = []
    for (const name of loadsOf[side]) {
      const sorted = await openLoop({ perSecond: rates[name], durationMs: load.seconds * 1_000 }, order)
      await counters.atRest()
      latencies.push([name, { p50: at(sorted, 0.5), p95: at(sorted, 0.95) }])
    }
    await stage.check(side)
    return latencies
  } finally {
    await running.stop()
    await Promise.all([caller.close(), counters.close(), confirmations?.close()])
  }
}
