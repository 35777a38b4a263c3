import { setTimeout as sleep } from 'node:timers/promises'
import { createCaller } from './http.ts'
import { closedLoop } from './load/closed.ts'
import { readCpu, spent, type CpuTimes } from './measure/cpu.ts'
import { openCounters } from './measure/postgres.ts'
import { randomOrder } from './request.ts'
import { sides, type RunningSide, type Side, type Stage } from './stage.ts'

/** What one load on one side showed. Everything but the rates and shares is per order. */
export interface LoadFigures {
  /** Orders answered as durable, per second of load. */
  accepted: number
  /** Orders confirmed, per second until the last was. */
  completed: number
  /** Commits, also of transactions that only read. */
  commits: number
  /** Commits that wrote something. */
  writing: number
  walBytes: number
  postgresMs: number
  /** CPU of the side's own processes. */
  workersMs: number
  /** CPU of all that the side needs: its processes, PostgreSQL, Redis and Kafka. */
  systemMs: number
  /** Cores kept busy, by process. */
  cores: CpuTimes
}

/** All figures of a side, one per repetition. */
export type Repeated = Record<Side, LoadFigures[]>

const warmUpMs = 3_000

/** Loads the sides in turn, `repeat` times, the order turned round each time. */
export async function measureRatios(
  stage: Stage,
  load: { inFlight: readonly number[]; seconds: number; skus: number; repeat: number },
): Promise<Repeated> {
  const best = {} as Record<Side, number>
  for (const side of sides) best[side] = await findBest(stage, side, load)
  const figures: Repeated = { ours: [], transaction: [], statement: [] }
  for (let run = 0; run < load.repeat; run += 1)
    for (const side of run % 2 === 0 ? sides : sides.toReversed()) {
      const one = await measureLoad(stage, side, { ...load, inFlight: best[side] })
      figures[side].push(one)
      console.log(
        `  ${side}, ${best[side]} in flight: ${one.accepted.toFixed(0)} accepted/s, ${one.completed.toFixed(0)} completed/s`,
      )
    }
  return figures
}

/** Starts a side, loads it with `inFlight` orders at a time, checks what it wrote, and stops it. */
async function measureLoad(
  stage: Stage,
  side: Side,
  load: { inFlight: number; seconds: number; skus: number },
): Promise<LoadFigures> {
  const counters = await openCounters(stage.databasesOf(side))
  await counters.checkpoint()
  const commitsBefore = await counters.commits()
  const running = await stage.start(side)
  const caller = createCaller(...running.urls)
  const order = () => caller.call('/orders', randomOrder(load.skus))
  const read = async () => ({ cpu: readCpu(running.workers), written: await counters.written() })
  try {
    const warmUp = await closedLoop({ inFlight: load.inFlight, durationMs: warmUpMs }, order)
    await counters.atRest()
    const before = await read()
    const begun = performance.now()
    const { count, seconds } = await closedLoop(
      { inFlight: load.inFlight, durationMs: load.seconds * 1_000 },
      order,
    )
    await counters.atRest()
    const untilAtRest = (performance.now() - begun) / 1_000
    const after = await read()
    await stage.check(side)
    await running.stop()
    // A backend tells its commits when it ends, which is a moment after its client has left.
    await sleep(500)
    const commits = (await counters.commits()) - commitsBefore
    const cpu = spent(before.cpu, after.cpu)
    const workersMs = running.workers.reduce((sum, { name }) => sum + (cpu[name] ?? 0), 0)
    const serversMs = (cpu.PostgreSQL ?? 0) + (side === 'ours' ? (cpu.Kafka ?? 0) + (cpu.Redis ?? 0) : 0)
    return {
      accepted: count / seconds,
      completed: count / untilAtRest,
      commits: commits / (count + warmUp.count),
      writing: (after.written.writing - before.written.writing) / count,
      walBytes: (after.written.walBytes - before.written.walBytes) / count,
      postgresMs: (cpu.PostgreSQL ?? 0) / count,
      workersMs: workersMs / count,
      systemMs: (workersMs + serversMs) / count,
      cores: Object.fromEntries(Object.entries(cpu).map(([name, ms]) => [name, ms / 1_000 / untilAtRest])),
    }
  } finally {
    await closeAll(running, caller, counters)
  }
}

/** Which of some numbers in flight completes most orders. */
async function findBest(
  stage: Stage,
  side: Side,
  load: { inFlight: readonly number[]; skus: number },
): Promise<number> {
  const running = await stage.start(side)
  const caller = createCaller(...running.urls)
  const counters = await openCounters(running.databases)
  const order = () => caller.call('/orders', randomOrder(load.skus))
  const rates: { inFlight: number; rate: number }[] = []
  try {
    await closedLoop({ inFlight: load.inFlight[0] ?? 64, durationMs: warmUpMs }, order)
    await counters.atRest()
    for (const inFlight of load.inFlight) {
      const begun = performance.now()
      const { count } = await closedLoop({ inFlight, durationMs: 3_000 }, order)
      await counters.atRest()
      rates.push({ inFlight, rate: (count * 1_000) / (performance.now() - begun) })
    }
    await stage.check(side)
  } finally {
    await closeAll(running, caller, counters)
  }
  console.log(
    `  ${side}: ${rates.map(({ inFlight, rate }) => `${rate.toFixed(0)} orders/s with ${inFlight} in flight`).join(', ')}`,
  )
  return rates.toSorted((a, b) => b.rate - a.rate)[0]?.inFlight ?? 64
}

async function closeAll(running: RunningSide, ...others: { close(): Promise<unknown> }[]): Promise<void> {
  await running.stop()
  await Promise.all(others.map((other) => other.close()))
}
