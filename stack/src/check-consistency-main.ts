/**
 * `npm run check:consistency [-- --fix]`: compares what stock counters, reservations, orders, allocations, payments,
 * histories and Redis of a started mall say. Waits up to 30 s (`--patience <seconds>`) for orders in motion; under
 * traffic a fault is what was wrong at every look. Exits 0 when all is well, 1 when something is wrong, 2 when nothing
 * is but orders still move.
 *
 * With `--fix` what can be mended without losing anything is mended, and orders that stand still are woken; the rest is
 * named with what a person has to do. MALL_STATE names the `mall.json` of another mall than the one of `npm start`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findFaults, repairFaults, rules, type Findings } from './consistency/index.ts'
import { settle } from './consistency/settle.ts'
import type { MallState } from './mall.ts'
import { defaultDataDir } from './paths.ts'
import { Problem } from './problem.ts'
import { report } from './report.ts'

const mostShown = 50

await report(async () => {
  const { values } = parseArgs({
    options: { fix: { type: 'boolean', default: false }, patience: { type: 'string', default: '30' } },
  })
  const path = process.env.MALL_STATE ?? join(defaultDataDir, 'mall.json')
  if (!existsSync(path)) throw new Problem(`There is no started mall at ${path}. Run npm start first.`)
  const state = JSON.parse(readFileSync(path, 'utf8')) as MallState
  const patienceMs = Number(values.patience) * 1_000
  let findings = await settle(() => findFaults(state), { patienceMs })
  if (values.fix && (findings.faults.length > 0 || findings.moving > 0)) {
    for (const [repair, subjects] of await repairFaults(state, findings.faults))
      console.log(`mended ${repair}: ${subjects.slice(0, mostShown).join(', ')}`)
    findings = await settle(() => findFaults(state), { patienceMs })
  }
  describe(findings)
  process.exitCode = findings.faults.length > 0 ? 1 : findings.moving > 0 ? 2 : 0
})

function describe({ orders, skus, moving, needAttention, faults }: Findings): void {
  console.log(
    `${orders} orders and ${skus} SKUs looked at, ${moving} orders still moving, ${faults.length} faults`,
  )
  for (const [rule, group] of Map.groupBy(faults, (fault) => fault.rule)) {
    const { repair, advice } = rules.get(rule) ?? {}
    console.log(
      `✗ ${rule} (${group.length}). ${repair ? 'Run again with --fix.' : `For a person: ${advice}`}`,
    )
    for (const { subject, expected, actual } of group.slice(0, mostShown))
      console.log(`    ${subject} should be ${expected}, is ${actual}`)
  }
  if (needAttention.length > 0)
    console.log(`! For a person: cannot be undone for long: ${needAttention.slice(0, mostShown).join(', ')}`)
}
