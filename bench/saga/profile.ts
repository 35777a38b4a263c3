import { mkdirSync, writeFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '@mall/stack'
import { createCaller } from './http.ts'
import { closedLoop } from './load/closed.ts'
import { openLoop } from './load/open.ts'
import { describeHops } from './measure/hops.ts'
import { openCounters } from './measure/postgres.ts'
import type { StatementCount } from './measure/profiler.ts'
import { randomOrder } from './request.ts'
import type { Side, Stage } from './stage.ts'

type Frame = Profiler.Profile['nodes'][number]['callFrame']

const profilesDir = join(root, '.data', 'profiles')

/** Loads a side, writes a CPU profile of each of its processes, and prints where time and statements go. */
export async function profileSide(
  stage: Stage,
  side: Side,
  load: { inFlight: number; seconds: number; skus: number },
): Promise<void> {
  const running = await stage.start(side)
  const caller = createCaller(...running.urls)
  const counters = await openCounters(running.databases)
  const order = () => caller.call('/orders', randomOrder(load.skus))
  await closedLoop({ inFlight: load.inFlight, durationMs: 4_000 }, order)
  await Promise.all(running.workers.map((worker) => worker.beginProfile()))
  const { count } = await closedLoop({ inFlight: load.inFlight, durationMs: load.seconds * 1_000 }, order)
  await counters.atRest()
  mkdirSync(profilesDir, { recursive: true })
  for (const worker of running.workers) {
    const { cpu, statements } = await worker.endProfile()
    const file = join(profilesDir, `${side}-${worker.name}.cpuprofile`)
    writeFileSync(file, JSON.stringify(cpu))
    console.log(`\n${side} ${worker.name}, ${count} orders, ${load.inFlight} in flight (${file})`)
    console.log(describeCpu(cpu))
    console.log(describeStatements(statements, count))
  }
  const since = new Date()
  await openLoop({ perSecond: 50, durationMs: load.seconds * 1_000 }, order)
  await counters.atRest()
  console.log(`\nAt 50 orders/s, as the saga saw them: ${await describeHops(running.databases, since)}`)
  await stage.check(side)
  await running.stop()
  await counters.close()
  await caller.close()
}

/** The functions and the libraries in which most time is spent; shares are of the time not idle. */
function describeCpu({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): string {
  const parentOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])))
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const byFunction = new Map<string, number>()
  const byLibrary = new Map<string, number>()
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    // What reading the profile itself takes is not the load's.
    if (!frame || frame.functionName === '(idle)' || frame.url === 'node:inspector') return
    add(byFunction, describeFrame(frame), timeDeltas[index] ?? 0)
    add(byLibrary, libraryOf(id), timeDeltas[index] ?? 0)
  })
  const busy = [...byFunction.values()].reduce((sum, time) => sum + time, 0)
  const all = timeDeltas.reduce((sum, time) => sum + time, 0)
  const top = (times: Map<string, number>, count: number) =>
    [...times]
      .toSorted(([, a], [, b]) => b - a)
      .slice(0, count)
      .map(([name, time]) => `${percent(time, busy)}  ${name}`)
  return [
    `busy ${percent(busy, all)} of one core; by what called the runtime:`,
    ...top(byLibrary, 14),
    'by function:',
    ...top(byFunction, 20),
  ].join('\n')

  /** What runs inside Node is put down to whoever called it. */
  function libraryOf(id: number): string {
    const frame = frames.get(id)
    const parent = parentOf.get(id)
    if (!frame) return '(unknown)'
    if (frame.url.startsWith('file:') || frame.url.startsWith('/')) return placeOf(frame.url)
    if (parent === undefined || frame.functionName === '(garbage collector)')
      return frame.functionName === '(garbage collector)' ? frame.functionName : '(Node itself)'
    return frames.get(parent)?.functionName === '(root)' ? '(Node itself)' : libraryOf(parent)
  }
}

const add = (times: Map<string, number>, name: string, time: number) =>
  times.set(name, (times.get(name) ?? 0) + time)

/** A package, or the workspace of ours. */
function placeOf(url: string): string {
  const path = pathOf(url)
  const [, name] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? []
  return name ?? path.split('/').slice(0, 2).join('/')
}

const pathOf = (url: string) => (url.startsWith('file:') ? fileURLToPath(url) : url).replace(`${root}/`, '')

/** Statements that differ only in how many parameters they have are shown as one. */
function describeStatements(statements: readonly StatementCount[], orders: number): string {
  const groups = Map.groupBy(statements, ({ text }) =>
    text
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/\$\d+(,\$\d+)*/g, '$…')
      .replaceAll(/(\(\$…\))(, ?\(\$…\))+/g, '$1…'),
  )
  const sums = [...groups].map(([text, list]) => ({
    text,
    texts: list.length,
    count: list.reduce((sum, { count }) => sum + count, 0),
  }))
  const total = sums.reduce((sum, { count }) => sum + count, 0)
  const lines = sums
    .toSorted((a, b) => b.count - a.count)
    .slice(0, 25)
    .map(({ text, texts, count }) => {
      const perStatement = (orders / count).toFixed(0).padStart(6)
      return `${(count / orders).toFixed(3).padStart(8)} ${perStatement} ${String(texts).padStart(6)}  ${text.trim().slice(0, 110)}`
    })
  return [
    `${(total / orders).toFixed(2)} statements per order, ${statements.length} different texts:`,
    'per order orders/  texts',
    ...lines,
  ].join('\n')
}

function describeFrame({ functionName, url, lineNumber }: Frame): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name}  ${pathOf(url)}:${lineNumber + 1}`
}

const percent = (part: number, whole: number) => `${((part / whole) * 100).toFixed(1)} %`.padStart(7)
