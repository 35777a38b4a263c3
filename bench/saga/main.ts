/**
 * `npm run bench:saga`: whole orders by the saga against the same orders by a chain of synchronous HTTP calls, and
 * through the router. Prints one table with the goals, and what limits. `-- --help` lists the options.
 */
import { stopAllPrograms } from '@mall/stack'
import { describeBottleneck } from './bottleneck.ts'
import { measureLatencies } from './latency.ts'
import { median } from './load/open.ts'
import { readOptions, type Options } from './options.ts'
import { profileSide } from './profile.ts'
import { measureRatios, type Repeated } from './ratios.ts'
import { measureRouter } from './router.ts'
import { latencyRows, ratioRows, routerRows } from './rows.ts'
import { openStage, sides, type Side } from './stage.ts'
import { formatTable, type Row } from './table.ts'

const options = readOptions()
// Servers are started in groups of their own, so that they outlive us unless they are told; the workers see us go.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stopAllPrograms().finally(() => process.exit(1)))
const onProgress = (text: string) => console.log(`· ${text}`)
const rows: Row[] = []
const notes: string[] = []

try {
  await measure()
} finally {
  await stopAllPrograms()
}
if (rows.length > 0)
  console.log(
    `\n${options.repeat} × ${options.seconds} s, ${options.skus} articles; medians, in brackets the range.\n` +
      '(a): a chain of HTTP calls with an ordinary transaction each; (b): with one statement each.\n\n' +
      `${formatTable(rows)}\n\n${notes.join('\n')}`,
  )

async function measure(): Promise<void> {
  if (options.profile || options.only.some((group) => group !== 'router')) await compare(options)
  if (options.profile || !options.only.includes('router')) return
  const figures = await measureRouter({ ...options, onProgress })
  rows.push(...routerRows(figures))
  notes.push(describeBottleneck('through the router', figures.cores))
}

async function compare({ only, profile, ...load }: Options): Promise<void> {
  const stage = await openStage({ ...load, onProgress })
  try {
    if (profile) {
      await profileSide(stage, 'ours', { ...load, inFlight: load.inFlight.at(-1) ?? 64 })
      return
    }
    // Latency is measured at loads that follow from what saturates the sides, so those come first in any case.
    const figures = await measureRatios(stage, only.includes('ratios') ? load : { ...load, repeat: 1 })
    for (const side of sides) notes.push(describeBottleneck(side, figures[side].at(-1)?.cores ?? {}))
    if (only.includes('ratios')) rows.push(...ratioRows(figures))
    if (!only.includes('latency')) return
    const rates = {
      calm: 50,
      third: completed(figures, 'ours') / 3,
      transaction: completed(figures, 'transaction'),
      statement: completed(figures, 'statement'),
    }
    rows.push(...latencyRows(await measureLatencies(stage, rates, load), rates))
  } finally {
    await stage.stop()
  }
}

function completed(figures: Repeated, side: Side): number {
  return median(figures[side].map((one) => one.completed))
}
