import { readFile } from 'node:fs/promises'
import { ConfigError } from '@mall/service/config'
import { compose } from './compose.ts'
import { subgraphUrlsOf } from './subgraph-urls.ts'

/**
 * The supergraph of a file, or else what the composition file composes to. Throws ConfigError, which says what is wrong
 * in words: a supergraph is configuration.
 */
export async function loadSupergraph(file: string | undefined, compositionFile: string): Promise<string> {
  try {
    const supergraphSdl = file ? await readFile(file, 'utf8') : (await compose(compositionFile)).supergraphSdl
    subgraphUrlsOf(supergraphSdl)
    return supergraphSdl
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    throw new ConfigError([{ variable: 'SUPERGRAPH', problem: file ? `${file}: ${problem}` : problem }])
  }
}
