import { subgraphs } from './paths.ts'
import { databaseUrl, ensureDatabase } from './postgres.ts'
import { openSchemaEngine } from './schema-engine.ts'

/** Creates each subgraph's database when it is missing and applies the migrations it has not seen. */
export async function migrateAll(
  serverUrl: string,
  onProgress: (text: string) => void,
  nameOf: (subgraph: string) => string = (subgraph) => subgraph,
): Promise<void> {
  for (const subgraph of subgraphs) {
    await ensureDatabase(serverUrl, nameOf(subgraph))
    const engine = await openSchemaEngine(databaseUrl(serverUrl, nameOf(subgraph)))
    const applied = await engine.apply(subgraph)
    engine.close()
    if (applied.length > 0) onProgress(`${subgraph}: applied ${applied.join(', ')}`)
  }
}
