import { startEcho } from '@mall/bus/echo'
import { createLogger } from '@mall/service/logger'
import type { Mall } from '@mall/stack'
import { applyFaults, consumersIn, targetsIn, type AppliedFault } from './faults.ts'
import { countOrders, type Figures } from './figures.ts'
import { measureGap, type Gap } from './gap.ts'
import { makeGoods } from './goods.ts'
import { createCaller } from './graph.ts'
import { findDeadLetters, untilQuiet, untilReady } from './healing.ts'
import { emptyLedger } from './ledger.ts'
import { runLoad, signInAll, upset, type Mood } from './load.ts'
import { findBrokenPromises, type Violation } from './promises.ts'
import { drawSchedule } from './schedule.ts'

/** How rough a run is. */
export interface Roughness {
  /** Faults per minute. */
  faultsPerMinute: number
  /** Orders that shoppers try to place per second. */
  ordersPerSecond: number
  /** Share of messages that are delivered once more, from 0 to 1. */
  echo: number
}

/** What one seed's storm led to. */
export interface RoundReport extends Figures {
  seed: number
  seconds: number
  /** Orders that shoppers wanted, and how many the mall accepted. */
  wanted: number
  accepted: number
  /** Requests that were sent again with a key that had been sent before. */
  repeats: number
  /** Messages that were delivered once more by hand. */
  echoes: number
  faults: AppliedFault[]
  /** From the end of the storm until all processes were ready, null when one never was; then until all was at rest. */
  readyAfterMs: number | null
  quietAfterMs: number
  gaps: Gap[]
  violations: Violation[]
}

const partMs = 10_000
/** Beyond the storm, how long clients go on sending what was not answered. */
const clientPatienceMs = 60_000
/** Sagas must be named by events only: what is told of the latest state alone may not come again when it is old. */
const echoedTopics = [
  'order-placed',
  'stock-reserved',
  'stock-rejected',
  'payment-initiated',
  'payment-succeeded',
  'payment-failed',
  'warehouse-allocated',
  'warehouse-rejected',
  'order-confirmed',
  'order-cancelled',
  'order-shipped',
  'order-delivered',
  'order-refunded',
  'order-returned',
  'warehouse-release',
  'warehouse-released',
  'payment-refund',
  'payment-refunded',
  'payment-refund-failed',
  'payment-close',
  'payment-closed',
  'stock-release',
  'stock-released',
  'stock-adjusted',
]

/** Lets one seed's storm pass over a mall, waits for calm, and looks whether everything is as it must be. */
export async function runRound(
  mall: Mall,
  options: { seed: number; seconds: number; measuresGap: boolean; patienceMs: number } & Roughness,
  onProgress: (text: string) => void,
): Promise<RoundReport> {
  const { seed, seconds } = options
  const durationMs = seconds * 1_000
  const run = `chaos-${seed}-${Date.now().toString(36)}`
  const { routers, infrastructure } = mall.state()
  const goods = await makeGoods(routers[0] ?? '', Math.max(Math.round(durationMs / partMs), 1))
  const caller = createCaller(routers)
  const people = await signInAll(caller)
  const ledger = emptyLedger()
  const faults: AppliedFault[] = []
  const mood: Mood = { impatientUntil: 0 }
  const echo = await startEcho({
    brokers: infrastructure.kafka.split(','),
    logger: createLogger({ name: 'chaos', level: 'silent' }),
    topics: echoedTopics,
    share: options.echo,
    withinMs: 4_000,
  })
  onProgress(`seed ${seed}: the storm begins, ${seconds} s`)
  caller.giveUpAt(Date.now() + durationMs + clientPatienceMs)
  const schedule = drawSchedule(seed, seconds, targetsIn(mall), {
    perMinute: options.faultsPerMinute,
    company: consumersIn(mall),
  })
  const load = runLoad({
    ...options,
    run,
    durationMs,
    perSecond: options.ordersPerSecond,
    goods,
    people,
    caller,
    ledger,
    mood,
  })
  await applyFaults(mall, schedule, durationMs, (fault) => {
    faults.push(fault)
    upset(mood)
  })
  onProgress(`seed ${seed}: ${faults.length} faults, ${ledger.purchases.length} orders; waiting for calm`)
  const ready = await untilReady(mall)
  await Promise.all([load, echo.stop()])
  const { quietAfterMs, violations } = await untilQuiet(mall, options.patienceMs)
  const gaps: Gap[] = []
  if (options.measuresGap && ready.missing.length === 0 && violations.length === 0)
    for (const target of ['products', 'orders']) {
      const [first] = goods
      if (!first) break
      gaps.push(await measureGap(mall, target, { run: `gap-${run}`, caller, goods: first, ledger, people }))
      await untilReady(mall)
      violations.push(...(await untilQuiet(mall, options.patienceMs)).violations)
    }
  const storm = { ...ledger, purchases: ledger.purchases.filter(({ key }) => key.startsWith(run)) }
  const { purchases } = storm
  return {
    ...(await countOrders(mall.state(), run)),
    seed,
    seconds,
    wanted: purchases.length,
    accepted: purchases.filter(({ ids }) => ids.size > 0).length,
    repeats: purchases.reduce((sum, { sends }) => sum + Math.max(sends - 1, 0), 0),
    echoes: echo.count(),
    faults,
    readyAfterMs: ready.missing.length === 0 ? ready.afterMs : null,
    quietAfterMs,
    gaps,
    violations: [
      ...ready.missing.map((subject) => ({ rule: 'every process comes back', subject })),
      ...violations,
      ...(await findBrokenPromises(mall.state(), run, storm)),
      ...(await findDeadLetters(mall)),
    ],
  }
}
