/**
 * Writes TypeScript types of the partners' API, as a client has them, from a supergraph file.
 * node router/src/partners/types-main.ts <supergraph file> <partners folder> <output file>
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { ConfigError } from '@mall/service/config'
import openapiTS, { astToString } from 'openapi-typescript'
import { readApi } from './read-api.ts'

const [supergraph, folder, output] = process.argv.slice(2)
if (!supergraph || !folder || !output) {
  console.error('Which files? <supergraph file> <partners folder> <output file>')
  process.exit(1)
}
try {
  const { document } = readApi(folder, readFileSync(supergraph, 'utf8'))
  const types = astToString(
    await openapiTS(Buffer.from(JSON.stringify(document)), { defaultNonNullable: false }),
  )
  mkdirSync(dirname(output), { recursive: true })
  writeFileSync(output, types)
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
