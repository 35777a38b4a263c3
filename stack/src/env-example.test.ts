import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './paths.ts'

it('lists every variable that a process reads in .env.example', () => {
  const example = readFileSync(join(root, '.env.example'), 'utf8')
  const listed = new Set([...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name))
  const configs = globSync(
    [
      'subgraphs/*/src/config.ts',
      'sandbox/*/src/config.ts',
      'router/src/config.ts',
      'packages/service/src/subgraph-config.ts',
    ],
    { cwd: root },
  )
  expect(configs.length).toBeGreaterThan(5)
  const read = configs.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^\s+([A-Z]+(?:_[A-Z]+)*):/gm)].map(
      ([, name]) => name,
    ),
  )
  expect(read.length).toBeGreaterThan(20)
  expect(read.filter((name) => !listed.has(name))).toEqual([])
})
