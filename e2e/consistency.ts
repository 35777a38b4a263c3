import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs `npm run check:consistency` on the mall under test; throws with its report when something does not add up. */
export function checkConsistency(): void {
  const script = join(import.meta.dirname, '..', 'stack', 'src', 'check-consistency-main.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    env: process.env,
  })
  if (status !== 0) throw new Error(`The consistency check failed:\n${stdout}${stderr}`)
}
