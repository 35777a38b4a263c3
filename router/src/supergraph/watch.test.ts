import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '@mall/service/logger'
import { afterEach, expect, it, vi } from 'vitest'
import { watchSupergraph, type WatchOptions } from './watch.ts'

const root = join(import.meta.dirname, '..', '..', '..')
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})
const soon = { timeout: 5_000 }

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'supergraph-'))
  closing.push(() => rm(folder, { recursive: true }))
  return folder
}

async function watch(options: Pick<WatchOptions, 'file' | 'compositionFile' | 'supergraphSdl'>) {
  const logged: string[] = []
  const logger = createLogger({ name: 'test' }, { write: (line) => void logged.push(line) })
  const onChange = vi.fn<WatchOptions['onChange']>(() => Promise.resolve())
  const counts = { swapsRefused: 0 }
  const watching = await watchSupergraph({ ...options, onChange, counts, logger })
  closing.push(() => watching.stop())
  return { onChange, counts, logged }
}

it('loads a file that is written or replaced, and says what is wrong with one that is broken', async () => {
  const folder = await createFolder()
  const file = join(folder, 'supergraph.graphql')
  await copyFile(join(root, 'supergraph.graphql'), file)
  const supergraphSdl = await readFile(file, 'utf8')
  const { onChange, counts, logged } = await watch({ file, compositionFile: 'unused', supergraphSdl })

  await writeFile(file, 'type Query {')
  await vi.waitFor(() => expect(logged.join('')).toMatch(/the old one goes on/), soon)
  expect(logged.join('')).toMatch(/Syntax Error/)
  expect(counts.swapsRefused).toBeGreaterThan(0)
  await writeFile(`${file}.new`, `${supergraphSdl}# changed\n`)
  await rename(`${file}.new`, file)
  await vi.waitFor(() => expect(onChange.mock.calls).toEqual([[`${supergraphSdl}# changed\n`]]), soon)
}, 15_000)

it('tries again what could not be served, when it changes', async () => {
  const folder = await createFolder()
  const file = join(folder, 'supergraph.graphql')
  await copyFile(join(root, 'supergraph.graphql'), file)
  const supergraphSdl = await readFile(file, 'utf8')
  const { onChange, logged } = await watch({ file, compositionFile: 'unused', supergraphSdl })
  onChange.mockRejectedValueOnce(new Error('there is no such subgraph'))
  await writeFile(file, `${supergraphSdl}# one\n`)
  await vi.waitFor(() => expect(logged.join('')).toMatch(/no such subgraph/), soon)
  await writeFile(file, `${supergraphSdl}# two\n`)
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2), soon)
}, 15_000)

it('composes anew when a schema file changes, also one that was named later', async () => {
  const folder = await createFolder()
  const compositionFile = join(folder, 'supergraph.yaml')
  const subgraph = (name: string) =>
    `  ${name}: { routing_url: http://${name}/, schema: { file: ${name}.graphql } }\n`
  await writeFile(join(folder, 'a.graphql'), 'type Query { a: Int }')
  await writeFile(compositionFile, `subgraphs:\n${subgraph('a')}`)
  const { onChange, logged } = await watch({ file: undefined, compositionFile, supergraphSdl: '' })

  await writeFile(join(folder, 'a.graphql'), 'type Query { a: Int aa: Int }')
  await vi.waitFor(() => expect(onChange.mock.lastCall?.[0]).toMatch(/aa: Int/), soon)
  await writeFile(compositionFile, `subgraphs:\n${subgraph('a')}${subgraph('b')}`)
  await vi.waitFor(() => expect(logged.join('')).toMatch(/b\.graphql/), soon)
  await writeFile(join(folder, 'b.graphql'), 'type Query { b: Int }')
  await vi.waitFor(() => expect(onChange.mock.lastCall?.[0]).toMatch(/ b: Int/), soon)
}, 20_000)
