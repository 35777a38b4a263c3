/**
 * `npm run check:consistency`: compares what stock counters, reservations, payments, allocations and orders of a started
 * mall say; exits 1 on a difference. Waits up to 30 s for orders in motion, because only at rest must all be equal.
 * MALL_STATE names the `mall.json` of another mall than the one of `npm start`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findFaults, type Findings } from './consistency.ts'
import type { MallState } from './mall.ts'
import { defaultDataDir } from './paths.ts'
import { Problem } from './problem.ts'
import { report } from './report.ts'

const patienceMs = 30_000

await report(async () => {
  const path = process.env.MALL_STATE ?? join(defaultDataDir, 'mall.json')
  if (!existsSync(path)) throw new Problem(`There is no started mall at ${path}. Run npm start first.`)
  const state = JSON.parse(readFileSync(path, 'utf8')) as MallState
  const findings = await settle(state)
  const { orders, skus, moving, faults } = findings
  console.log(
    `${orders} orders and ${skus} SKUs looked at, ${moving} orders still moving, ${faults.length} faults`,
  )
  for (const { rule, subject, expected, actual } of faults.slice(0, 50))
    console.log(`✗ ${rule}: ${subject} should be ${expected}, is ${actual}`)
  if (faults.length > 0 || moving > 0) process.exitCode = 1
})

async function settle(state: MallState): Promise<Findings> {
  const end = Date.now() + patienceMs
  for (;;) {
    const findings = await findFaults(state)
    if ((findings.moving === 0 && findings.faults.length === 0) || Date.now() > end) return findings
    await sleep(500)
  }
}
