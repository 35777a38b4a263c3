import type { Latencies, Rates } from './latency.ts'
import { median } from './load/open.ts'
import type { LoadFigures, Repeated } from './ratios.ts'
import type { RouterFigures } from './router.ts'
import type { Side } from './stage.ts'
import type { Row } from './table.ts'

/** An industry article's ratio of event-driven to synchronous, the least that counts. */
const articleRatio = 4.49
/** Vendure 3.7.3 on such a machine, orders per second through its public API. */
const vendureRate = 5

type Figure = Exclude<keyof LoadFigures, 'cores'>
type Chain = Exclude<Side, 'ours'>

/** The rows on how many orders there are and what they cost, against both chains. */
export function ratioRows(figures: Repeated): Row[] {
  const faster = (measure: string, figure: Figure, goals: Record<Chain, number>): Row => {
    const ratios = (chain: Chain) => ratiosOf(figures, figure, chain)
    return {
      ...valuesOf(figures, measure, figure, 0),
      ratio: `${times(ratios('transaction'))}; ${times(ratios('statement'))}`,
      goal: `≥ ${goals.transaction}×; ≥ ${goals.statement}×`,
      isMet:
        median(ratios('transaction')) >= goals.transaction && median(ratios('statement')) >= goals.statement,
    }
  }
  const cheaper = (
    measure: string,
    figure: Figure,
    digits: number,
    atMost: number | null,
    goal = '',
  ): Row => {
    const change = (chain: Chain) => median(ratiosOf(figures, figure, chain))
    return {
      ...valuesOf(figures, measure, figure, digits),
      ratio: `${percent(change('transaction'))}; ${percent(change('statement'))}`,
      goal,
      isMet: atMost === null ? null : change('transaction') <= atMost && change('statement') <= atMost,
    }
  }
  return [
    faster('orders accepted/s', 'accepted', { transaction: 8, statement: articleRatio }),
    faster('orders completed/s', 'completed', { transaction: 6, statement: articleRatio }),
    cheaper('commits per order', 'commits', 2, 0.05, '−95 %'),
    cheaper('commits per order that write', 'writing', 2, null),
    cheaper('WAL bytes per order', 'walBytes', 0, 1, 'not more'),
    cheaper('PostgreSQL CPU per order, ms', 'postgresMs', 2, 0.37, '−63 %'),
    cheaper('CPU per order of the processes, ms', 'workersMs', 2, null),
    cheaper('… with PostgreSQL, Redis and Kafka, ms', 'systemMs', 2, null),
  ]
}

/** The rows on the time from placing to confirmed, without router and GraphQL. */
export function latencyRows(found: Latencies, rates: Rates): Row[] {
  const p95 = (name: keyof Latencies, side: Side) => (found[name][side] ?? []).map((latency) => latency.p95)
  const show = (name: keyof Latencies, side: Side) => `${range(p95(name, side), 0)} ms`
  const against = (chain: Chain, letter: string): Row => {
    const lower = p95(chain, chain).map((ms, run) => ms / (p95(chain, 'ours')[run] ?? Number.NaN))
    return {
      measure: `… at ${rates[chain].toFixed(0)}/s, which saturates (${letter})`,
      ours: show(chain, 'ours'),
      [chain]: show(chain, chain),
      ratio: `${times(lower)} lower`,
      goal: '≥ 10× lower',
      isMet: median(lower) >= 10,
    }
  }
  const calm = median(p95('calm', 'ours'))
  const third = median(p95('third', 'ours'))
  return [
    {
      measure: `placed → CONFIRMED, P95 at ${rates.calm}/s`,
      ours: show('calm', 'ours'),
      transaction: show('calm', 'transaction'),
      statement: show('calm', 'statement'),
    },
    {
      measure: `… at ${rates.third.toFixed(0)}/s, a third of our saturation`,
      ours: show('third', 'ours'),
      ratio: `${(third / calm).toFixed(1)}×`,
      goal: '≤ 2.5× that',
      isMet: third <= 2.5 * calm,
    },
    against('transaction', 'a'),
    against('statement', 'b'),
  ]
}

/** The rows on whole orders through the router. */
export function routerRows({ calm, third, rate, workersMs, rushMs }: RouterFigures): Row[] {
  const p95 = (latencies: typeof calm) => latencies.map((latency) => latency.p95)
  const atCalm = median(p95(calm))
  const atThird = median(p95(third))
  const vendure = rate.map((one) => one / vendureRate)
  return [
    {
      measure: 'through the router: placed → CONFIRMED seen, P95 at 50/s',
      ours: `${range(p95(calm), 0)} ms`,
      goal: '≤ 47 ms',
      isMet: atCalm <= 47,
    },
    {
      measure: `… at ${(median(rate) / 3).toFixed(0)}/s, a third of its saturation`,
      ours: `${range(p95(third), 0)} ms`,
      ratio: `${(atThird / atCalm).toFixed(1)}×`,
      goal: '≤ 2.5× that',
      isMet: atThird <= 2.5 * atCalm,
    },
    {
      measure: 'through the router: orders/s with 64 in flight',
      ours: range(rate, 0),
      ratio: `${times(vendure)} Vendure's ${vendureRate}`,
      goal: '≥ 30× (100×)',
      isMet: median(vendure) >= 30,
    },
    {
      measure: 'through the router: CPU per order of our processes, ms',
      ours: range(workersMs, 1),
      goal: '≤ 8 (3)',
      isMet: median(workersMs) <= 8,
    },
    {
      measure: '500 buyers at once for 100 units: until the last answer',
      ours: `${range(
        rushMs.map((ms) => ms / 1_000),
        2,
      )} s`,
      goal: '< 2 s',
      isMet: median(rushMs) < 2_000,
    },
  ]
}

function valuesOf(figures: Repeated, measure: string, figure: Figure, digits: number): Row {
  const show = (side: Side) =>
    range(
      figures[side].map((one) => one[figure]),
      digits,
    )
  return { measure, ours: show('ours'), transaction: show('transaction'), statement: show('statement') }
}

/** Ours by the chain's, each within one repetition. */
const ratiosOf = (figures: Repeated, figure: Figure, chain: Chain) =>
  figures.ours.map((one, run) => one[figure] / (figures[chain][run]?.[figure] ?? Number.NaN))

const times = (ratios: readonly number[]) => `${range(ratios, 2)}×`

const percent = (ratio: number) => {
  const change = Math.round((ratio - 1) * 100)
  return `${change < 0 ? '−' : '+'}${Math.abs(change)} %`
}

/** The median, and in brackets the least and the most. */
function range(values: readonly number[], digits: number): string {
  const middle = median(values).toFixed(digits)
  if (values.length < 2) return middle
  return `${middle} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`
}
