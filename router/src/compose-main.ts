import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compose } from './supergraph/compose.ts'

const root = join(import.meta.dirname, '..', '..')

try {
  const { supergraphSdl } = await compose(join(root, 'supergraph.yaml'))
  await writeFile(join(root, 'supergraph.graphql'), supergraphSdl)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
