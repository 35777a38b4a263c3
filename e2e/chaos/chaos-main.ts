/**
 * `npm run test:chaos -- --seed 1 --minutes 1`: a mall of its own under load, while processes and servers are killed,
 * halted and ended by a schedule that the seed draws; then everything must be as it was promised. Prints a report, and
 * with `--json <file>` writes it; exits 1 when anything is broken.
 *
 * `--rounds 20` runs as many seeds one after the other; `--rate` is faults per minute, `--orders` orders per second,
 * `--echo` the share of messages delivered once more, `--patience` how many seconds everything may take to come to rest;
 * `--no-gap` leaves out the look at how long a killed process is missed; `--keep` keeps data and logs, as is always done when
 * something is broken.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { stopAllPrograms } from '@mall/stack'
import { runChaos, usualRoughness } from './chaos.ts'
import { describeRounds } from './report.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '1' },
    rate: { type: 'string', default: String(usualRoughness.faultsPerMinute) },
    orders: { type: 'string', default: String(usualRoughness.ordersPerSecond) },
    echo: { type: 'string', default: String(usualRoughness.echo) },
    patience: { type: 'string', default: '60' },
    'no-gap': { type: 'boolean', default: false },
    json: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})

let stop = stopAllPrograms
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stop().finally(() => process.exit(130)))

const begun = Date.now()
const reports = await runChaos({
  seed: Number(values.seed),
  rounds: Number(values.rounds),
  seconds: Number(values.minutes) * 60,
  faultsPerMinute: Number(values.rate),
  ordersPerSecond: Number(values.orders),
  echo: Number(values.echo),
  patienceMs: Number(values.patience) * 1_000,
  measuresGap: !values['no-gap'],
  keepsData: values.keep,
  onStarted: (mall) => (stop = () => mall.stop()),
  onProgress: (text) => console.log(`· ${((Date.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${text}`),
})
if (values.json) writeFileSync(values.json, JSON.stringify(reports, null, 2))
console.log(describeRounds(reports))
process.exit(reports.some(({ violations }) => violations.length > 0) ? 1 : 0)
