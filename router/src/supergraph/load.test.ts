import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadSupergraph } from './load.ts'

const root = join(import.meta.dirname, '..', '..', '..')

it('reads a supergraph, or composes one, to the same text', async () => {
  const composed = await loadSupergraph(undefined, join(root, 'supergraph.yaml'))
  expect(await loadSupergraph(join(root, 'supergraph.graphql'), 'unused')).toBe(composed)
})

it('says in words what is wrong', async () => {
  await expect(loadSupergraph('nowhere.graphql', 'unused')).rejects.toThrow(
    /SUPERGRAPH: nowhere\.graphql: ENOENT/,
  )
  await expect(loadSupergraph(join(root, 'package.json'), 'unused')).rejects.toThrow(
    /SUPERGRAPH: .*Syntax Error/,
  )
  await expect(loadSupergraph(undefined, 'nowhere.yaml')).rejects.toThrow(/nowhere\.yaml cannot be read/)
})
