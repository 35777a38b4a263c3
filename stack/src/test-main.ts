/** `npm test [-- unit|int|e2e|chaos]`: all levels with their own infrastructure, and at the end one line with the true counts. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
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
  const total: Outcome = { passed: 0, failed: 0, failures: [] }
  // One level after the other: each brings up what it needs, and they would slow each other down.
  for (const level of chosen) {
    const { passed, failed, failures } = run(level)
    total.passed += passed
    total.failed += failed
    total.failures.push(...failures)
  }
  // Once more at the end: a level's own report is far above by now.
  for (const failure of total.failures) console.log(`\n✗ ${failure}`)
  console.log(`\n${total.passed} passed, ${total.failed} failed`)
  if (total.failed > 0 || total.passed === 0) process.exitCode = 1
})

interface Outcome {
  passed: number
  failed: number
  /** What failed, with its first message. */
  failures: string[]
}

/** Runs a level. A run that could not begin, or broke outside a test, counts as one failure. */
function run(level: string): Outcome {
  const outputFile = join(cacheDir, `tests-${level}.json`)
  mkdirSync(cacheDir, { recursive: true })
  rmSync(outputFile, { force: true })
  const { status } = spawnSync(
    join(root, 'node_modules', '.bin', 'vitest'),
    ['run', '--project', level, '--reporter=default', '--reporter=json', `--outputFile.json=${outputFile}`],
    { cwd: root, stdio: 'inherit' },
  )
  if (!existsSync(outputFile)) return { passed: 0, failed: 1, failures: [`${level}: did not begin`] }
  const result = JSON.parse(readFileSync(outputFile, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    testResults: {
      name: string
      status: string
      message?: string
      assertionResults: { fullName: string; status: string; failureMessages?: string[] }[]
    }[]
  }
  const failures = result.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed')
    const file = relative(root, name)
    if (failed.length === 0 && status === 'failed') return [`${level}: ${file}\n${message ?? ''}`]
    return failed.map((test) => `${level}: ${file}: ${test.fullName}\n${test.failureMessages?.[0] ?? ''}`)
  })
  if (failures.length === 0 && status !== 0) failures.push(`${level}: broke outside a test, see above`)
  return {
    passed: result.numPassedTests,
    failed: Math.max(result.numFailedTests, failures.length),
    failures,
  }
}
