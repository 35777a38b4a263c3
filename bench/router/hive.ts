import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Peers that are no dependency of ours are installed here when they are first measured. */
export const peersFolder = join(import.meta.dirname, '..', '..', '.cache', 'peers')

const packages = [
  '@graphql-hive/gateway-runtime@2.12.1',
  '@graphql-hive/router-runtime@1.4.23',
  '@graphql-mesh/transport-http@1.2.1',
  'graphql@16.15.0',
]

/** Installs Hive Gateway with both its planners. False, with a word why, where it cannot be. */
export function installHive(): boolean {
  const done = join(peersFolder, 'installed.txt')
  if (existsSync(done)) return true
  mkdirSync(peersFolder, { recursive: true })
  writeFileSync(join(peersFolder, 'package.json'), '{ "private": true }\n')
  console.log('installing Hive Gateway …')
  try {
    const options = ['install', '--no-audit', '--no-fund', '--save-exact', '--ignore-scripts']
    execFileSync('npm', [...options, ...packages], { cwd: peersFolder, stdio: 'pipe' })
    writeFileSync(done, packages.join('\n'))
    return true
  } catch (error) {
    console.log(`Hive Gateway is left out: it cannot be installed (${String(error).slice(0, 200)})`)
    return false
  }
}
