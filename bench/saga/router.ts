import { closedLoop } from './load/closed.ts'
import { at, median, openLoop } from './load/open.ts'
import type { Latency } from './latency.ts'
import { openMall, type OpenMall } from './mall.ts'
import { readCpu, spent, type CpuTimes } from './measure/cpu.ts'

/** Whole orders through the router: signed in, GraphQL, followed by subscription. One of each per repetition. */
export interface RouterFigures {
  /** At 50 orders/s, begun evenly. */
  calm: Latency[]
  /** At a third of what 64 in flight come to. */
  third: Latency[]
  /** With 64 in flight, each followed until it is confirmed before the next begins. */
  rate: number[]
  /** CPU per order of the mall's processes, milliseconds, with 64 in flight. */
  workersMs: number[]
  /** Until the last of 500 buyers of 100 units has an answer, milliseconds. */
  rushMs: number[]
  /** Cores kept busy with 64 in flight, by process. */
  cores: CpuTimes
}

/** Measures a mall that it starts and stops. */
export async function measureRouter(load: {
  seconds: number
  repeat: number
  onProgress(text: string): void
}): Promise<RouterFigures> {
  const mall = await openMall(load)
  const durationMs = load.seconds * 1_000
  const figures: RouterFigures = { calm: [], third: [], rate: [], workersMs: [], rushMs: [], cores: {} }
  try {
    await closedLoop({ inFlight: 16, durationMs: 5_000 }, () => follow(mall))
    for (let run = 0; run < load.repeat; run += 1) {
      const busy = await saturate(mall, durationMs)
      figures.rate.push(busy.rate)
      figures.workersMs.push(busy.workersMs)
      figures.cores = busy.cores
      await mall.check()
      figures.calm.push(await latencyAt(mall, 50, durationMs))
      figures.third.push(await latencyAt(mall, median(figures.rate) / 3, durationMs))
      await mall.check()
      figures.rushMs.push(await mall.rush(500, 100))
      await mall.check()
      console.log(
        `  through the router: ${busy.rate.toFixed(0)} orders/s with 64 in flight, p95 ${figures.calm.at(-1)?.p95.toFixed(0)} ms at 50/s`,
      )
    }
    return figures
  } finally {
    await mall.close()
  }
}

async function saturate(mall: OpenMall, durationMs: number) {
  const workers = mall.workers()
  const before = readCpu(workers)
  const { count, seconds } = await closedLoop({ inFlight: 64, durationMs }, () => follow(mall))
  const cpu = spent(before, readCpu(workers))
  const workersMs = workers.reduce((sum, { name }) => sum + (cpu[name] ?? 0), 0)
  return {
    rate: count / seconds,
    workersMs: workersMs / count,
    cores: Object.fromEntries(Object.entries(cpu).map(([name, ms]) => [name, ms / 1_000 / seconds])),
  }
}

async function latencyAt(mall: OpenMall, perSecond: number, durationMs: number): Promise<Latency> {
  const sorted = await openLoop({ perSecond, durationMs }, () => follow(mall))
  return { p50: at(sorted, 0.5), p95: at(sorted, 0.95) }
}

async function follow(mall: OpenMall): Promise<void> {
  const placed = await mall.order()
  await placed.confirmed()
}
