/**
 * `npm run test:mutants`: takes one mechanism after the other out of a copy of the project and lets the usual chaos pass
 * over it. Every mutant must break something; one that survives means that chaos is too gentle, or the mechanism is not
 * needed. The project itself is run first and must break nothing. Prints a table; exits 1 when a mutant lives.
 *
 * `-- --only "sweeper"` runs those whose name has that text; `--seed`, `--rounds` and `--minutes` say what each is put
 * through, `--within <seconds>` how long it may take.
 */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { applyMutant, copyTree } from './copy-tree.ts'
import { mutants, type Mutant } from './mutants.ts'
import type { RoundReport } from './round.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '1' },
    within: { type: 'string', default: '600' },
  },
})

const untouched: Mutant = { name: 'the project as it is', because: '', patches: [] }
const chosen = [untouched, ...mutants].filter(({ name }) => name.includes(values.only))
const lines: string[] = []
for (const mutant of chosen) {
  const begun = Date.now()
  const { verdict, rules } = await run(mutant)
  const isRight = verdict === (mutant === untouched ? 'lives' : 'killed')
  if (!isRight) process.exitCode = 1
  const line = [
    isRight ? '✓' : '✗',
    mutant.name.padEnd(50),
    `${((Date.now() - begun) / 1_000).toFixed(0)} s`.padStart(6),
    ` ${verdict}${rules.length > 0 ? ` by: ${rules.join('; ')}` : ''}`,
  ].join(' ')
  console.log(line)
  lines.push(line)
}
console.log(`\n${lines.join('\n')}`)

/** `broken` is neither: it did not start, or took too long. */
async function run(mutant: Mutant): Promise<{ verdict: 'killed' | 'lives' | 'broken'; rules: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'mall-mutant-'))
  try {
    // PostgreSQL, which another user runs when we are root, must find its data in it.
    chmodSync(folder, 0o755)
    copyTree(folder)
    applyMutant(folder, mutant)
    const result = join(folder, 'chaos.json')
    const { seed, rounds, minutes } = values
    const how = ['--seed', seed, '--rounds', rounds, '--minutes', minutes, '--no-gap', '--patience', '30']
    const code = await spawnIn(folder, ['e2e/chaos/chaos-main.ts', ...how, '--json', result])
    if (!existsSync(result)) return { verdict: 'broken', rules: [] }
    const reports = JSON.parse(readFileSync(result, 'utf8')) as RoundReport[]
    const rules = reports.flatMap(({ violations }) => violations.map(({ rule }) => rule))
    return { verdict: code === 0 ? 'lives' : 'killed', rules: [...new Set(rules)] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function spawnIn(cwd: string, args: readonly string[]): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd,
      // What a killed mutant leaves behind goes with its copy.
      env: { ...process.env, TMPDIR: cwd },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    // It stops its mall when it is asked to, and so must we.
    process.once('SIGTERM', () => child.kill('SIGTERM'))
    const timer = setTimeout(() => child.kill('SIGTERM'), Number(values.within) * 1_000)
    child.once('error', reject)
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve(code)
    })
  })
}
