import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '@mall/stack'
import type { Mutant } from './mutants.ts'

/**
 * Copies the project, as it stands on disk, into an empty folder in which it runs: sources and generated code are copied,
 * what comes from npm is linked. Only the links of our own packages are made anew, for they must lead into the copy.
 */
export function copyTree(to: string): void {
  const list = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const generated = globSync(['packages/*/src/generated', 'subgraphs/*/src/generated'], { cwd: root })
  for (const path of [...list.split('\0').filter(Boolean), ...generated])
    if (existsSync(join(root, path))) cpSync(join(root, path), join(to, path), { recursive: true })
  for (const folder of globSync(['{packages,subgraphs}/*/node_modules', '{router,stack}/node_modules'], {
    cwd: root,
  }))
    symlinkSync(join(root, folder), join(to, folder))
  linkPackages(to)
  shareCache(to)
}

function linkPackages(to: string): void {
  const [from, into] = [join(root, 'node_modules'), join(to, 'node_modules')]
  mkdirSync(join(into, '@mall'), { recursive: true })
  for (const name of readdirSync(from)) if (name !== '@mall') symlinkSync(join(from, name), join(into, name))
  for (const name of readdirSync(join(from, '@mall')))
    symlinkSync(readlinkSync(join(from, '@mall', name)), join(into, '@mall', name))
}

/** Kafka is not fetched again; that nothing must be generated anew is known from a file that the copy may overwrite. */
function shareCache(to: string): void {
  const cache = join(root, '.cache')
  mkdirSync(join(to, '.cache'))
  for (const name of existsSync(cache) ? readdirSync(cache) : [])
    if (name.startsWith('kafka-')) symlinkSync(join(cache, name), join(to, '.cache', name))
    else if (name === 'codegen') cpSync(join(cache, name), join(to, '.cache', name))
}

/** Takes a mechanism out of a copy. Throws when a text is not there exactly once: the mutant must be written anew. */
export function applyMutant(to: string, { name, patches }: Mutant): void {
  for (const { file, find, replace } of patches) {
    const path = join(to, file)
    const parts = readFileSync(path, 'utf8').split(find)
    if (parts.length !== 2) throw new Error(`"${name}": ${file} has ${parts.length - 1} times:\n${find}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, parts.join(replace))
  }
}
