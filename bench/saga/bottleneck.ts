import { availableParallelism } from 'node:os'
import type { CpuTimes } from './measure/cpu.ts'

/** Says what limits a load: which cores are kept busy by what. `workers` are the side's own processes. */
export function describeBottleneck(where: string, cores: CpuTimes): string {
  const available = availableParallelism()
  const shares = Object.entries(cores).toSorted(([, a], [, b]) => b - a)
  const busy = shares.reduce((sum, [, share]) => sum + share, 0)
  const text = shares.map(([name, share]) => `${name} ${share.toFixed(2)}`).join(', ')
  return `${where}: ${verdict(shares, busy, available)}\n  cores kept busy, of ${available}: ${text}`
}

function verdict(shares: [string, number][], busy: number, available: number): string {
  const [name = '', share = 0] = shares.find(([one]) => one !== 'others') ?? []
  const others = shares.find(([one]) => one === 'others')?.[1] ?? 0
  const noise =
    others > 0.1 ? ` Other programs took ${others.toFixed(2)} of them: the figures are spoilt.` : ''
  // A process of Node does nearly all on one thread.
  if (share > 0.9 && name !== 'PostgreSQL' && name !== 'Kafka')
    return `the one thread of ${name} is the bottleneck.${noise}`
  if (busy > 0.9 * available) return `all cores are busy, most with ${name}.${noise}`
  return `no core is short: it waits, for commits or for answers; most CPU goes to ${name}.${noise}`
}
