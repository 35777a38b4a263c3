import type { Labels } from '@mall/service/metrics'

/** How long something took and what came of it: a Prometheus histogram with the label `outcome` beside others. */
export interface Durations<Outcome extends string> {
  /** Made once for each set of labels, and kept by whoever observes. Milliseconds. */
  of(labels: Labels): Observe<Outcome>
  /** What was observed, in Prometheus' text format. */
  text(): string
}

export type Observe<Outcome extends string> = (outcome: Outcome, milliseconds: number) => void

interface Series {
  readonly labels: Labels
  /** By the bound that they are below, and those above all at the end; not cumulative. */
  readonly counts: number[]
  milliseconds: number
}

/** Upper bounds of the buckets, in seconds: from a plan that is known to the default of `operationTimeout`. */
export const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const boundsMs = BOUNDS.map((seconds) => seconds * 1_000)

/** In place of prom-client's histogram, which makes a text of the labels at each observation. */
export function createDurations<Outcome extends string>({
  name,
  help,
  outcomes,
}: {
  readonly name: string
  readonly help: string
  readonly outcomes: readonly Outcome[]
}): Durations<Outcome> {
  const all: Series[] = []
  return {
    of(labels) {
      const series = new Map(outcomes.map((outcome) => [outcome, createSeries({ ...labels, outcome })]))
      all.push(...series.values())
      return (outcome, milliseconds) => {
        const one = series.get(outcome)
        if (one) observe(one, milliseconds)
      }
    },
    text: () =>
      [
        `# HELP ${name} ${help}`,
        `# TYPE ${name} histogram`,
        ...all.flatMap((one) => linesOf(name, one)),
        '',
      ].join('\n'),
  }
}

const createSeries = (labels: Labels): Series => ({
  labels,
  counts: [...BOUNDS, Infinity].map(() => 0),
  milliseconds: 0,
})

function observe(series: Series, milliseconds: number): void {
  let index = 0
  while (milliseconds > (boundsMs[index] ?? Infinity)) index += 1
  series.counts[index] = (series.counts[index] ?? 0) + 1
  series.milliseconds += milliseconds
}

/** Nothing for what never happened: most operations end in one way only. */
function linesOf(name: string, { labels, counts, milliseconds }: Series): string[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return []
  const own = Object.entries(labels).map(([label, value]) => `${label}="${escape(value)}"`)
  let below = 0
  return [
    ...[...BOUNDS, '+Inf'].map((bound, index) => {
      below += counts[index] ?? 0
      return `${name}_bucket{${[...own, `le="${bound}"`].join()}} ${below}`
    }),
    `${name}_sum{${own.join()}} ${milliseconds / 1_000}`,
    `${name}_count{${own.join()}} ${total}`,
  ]
}

const escape = (value: string) => value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')
