import { parseArgs } from 'node:util'

/** The groups of measures. */
export const groups = ['ratios', 'latency', 'router'] as const
export type Group = (typeof groups)[number]

/** How to measure; `npm run bench:saga -- --help` says what each means. */
export interface Options {
  seconds: number
  repeat: number
  only: readonly Group[]
  inFlight: readonly number[]
  skus: number
  poolSize: number
  instances: number
  profile: boolean
}

const help = `npm run bench:saga -- [options]
  --seconds 8             how long a load lasts
  --repeat 3              how often each is measured; the table shows medians
  --only ratios,latency   one or more of ${groups.join(', ')}
  --in-flight 64,128,256  orders in flight to choose each side's best from
  --skus 100              how many articles are sold
  --pool 20               connections of each synchronous service
  --instances 1           how many processes of orders and of products on our side; the chains have four in any case
  --profile               only a load on our side, with CPU profiles and statement counts`

/** Reads the command line; prints the help and ends on --help. */
export function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '8' },
      repeat: { type: 'string', default: '3' },
      only: { type: 'string', default: groups.join(',') },
      'in-flight': { type: 'string', default: '64,128,256' },
      skus: { type: 'string', default: '100' },
      pool: { type: 'string', default: '20' },
      instances: { type: 'string', default: '1' },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(help)
    process.exit(0)
  }
  const only = values.only.split(',')
  return {
    seconds: Number(values.seconds),
    repeat: Number(values.repeat),
    only: groups.filter((group) => only.includes(group)),
    inFlight: values['in-flight'].split(',').map(Number),
    skus: Number(values.skus),
    poolSize: Number(values.pool),
    instances: Number(values.instances),
    profile: values.profile,
  }
}
