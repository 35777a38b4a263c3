import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearData, startMall, type Mall } from '@mall/stack'
import { runRound, type RoundReport, type Roughness } from './round.ts'

/** What is run: `rounds` seeds from `seed` on, each for `seconds`, one after the other on one mall. */
export interface ChaosOptions extends Roughness {
  seed: number
  rounds: number
  seconds: number
  /** After the last round, see how long a killed process is missed. */
  measuresGap: boolean
  /** How long everything may take to come to rest after a storm, in milliseconds. */
  patienceMs: number
  /** Keep the mall's data and logs, also when nothing is broken. */
  keepsData: boolean
  /** Called with the running mall, so that a signal can stop it. */
  onStarted?(mall: Mall): void
  onProgress(text: string): void
}

/** As rough as every run is unless it says otherwise. */
export const usualRoughness: Roughness = { faultsPerMinute: 30, ordersPerSecond: 25, echo: 0.5 }

/** Starts a mall of its own, lets the storms pass over it and stops it. Ends early at a seed that broke something. */
export async function runChaos(options: ChaosOptions): Promise<RoundReport[]> {
  const { onProgress, rounds } = options
  const dataDir = mkdtempSync(join(tmpdir(), 'mall-chaos-'))
  const mall = await startMall({
    dataDir,
    // Tokens outlive the longest run; nobody signs in again in the middle of it.
    env: { ...process.env, LOG_LEVEL: 'info', ACCESS_TOKEN_SECONDS: '3600' },
    instances: { products: 2, orders: 2, router: 2 },
    web: 'none',
    portOffset: 10_000,
    onProgress: () => {},
  })
  options.onStarted?.(mall)
  const reports: RoundReport[] = []
  try {
    for (let index = 0; index < rounds; index += 1) {
      const measuresGap = options.measuresGap && index === rounds - 1
      const report = await runRound(mall, { ...options, seed: options.seed + index, measuresGap }, onProgress)
      reports.push(report)
      if (report.violations.length > 0) break
    }
    return reports
  } finally {
    await mall.stop()
    const isBroken = reports.some(({ violations }) => violations.length > 0)
    if (options.keepsData || isBroken) onProgress(`data and logs are kept in ${dataDir}`)
    else clearData(dataDir)
  }
}
