/** `npm test [-- unit|int|e2e|chaos]`: all levels with their own infrastructure, and at the end one line with the true counts. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { generateCode } from './codegen.ts'
import { cacheDir, root } from './paths.ts'
import { ensureTools } from './prepare.ts'
import { report } from './report.ts'

const levels = process.argv.slice(2)
const chosen = levels.length > 0 ? levels : ['unit', 'int', 'e2e', 'chaos']

await report(async () => {
  const onProgress = (text: string) => console.log(`· ${text}`)
  if (chosen.includes('e2e')) ensureTools(['chromium'], onProgress)
  await generateCode(onProgress)
  const total = { passed: 0, failed: 0 }
  // One level after the other: each brings up what it needs, and they would slow each other down.
  for (const level of chosen) {
    const { passed, failed } = run(level)
    total.passed += passed
    total.failed += failed
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1
})

/** Runs a level. A run that could not begin, or broke outside a test, counts as one failure. */
function run(level: string): { passed: number; failed: number } {
  const outputFile = join(cacheDir, `tests-${level}.json`)
  mkdirSync(cacheDir, { recursive: true })
  rmSync(outputFile, { force: true })
  const { status } = spawnSync(
    join(root, 'node_modules', '.bin', 'vitest'),
    ['run', '--project', level, '--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`],
    { cwd: root, stdio: 'inherit' },
  )
  if (!existsSync(outputFile)) return { passed: 0, failed: 1 }
  const result = JSON.parse(readFileSync(outputFile, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numFailedTestSuites: number
  }
  const failed = result.numFailedTests
  return { passed: result.numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed }
}
