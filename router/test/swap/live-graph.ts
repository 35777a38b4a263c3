import { createLogger } from '@mall/service/logger'
import { subgraphDefaults } from '../../src/engine/config.ts'
import { createFlights } from '../../src/engine/flights.ts'
import { createAgent } from '../../src/engine/subgraph-client.ts'
import { startGraph, type LiveGraph } from '../../src/graph.ts'
import { createMask } from '../../src/pipeline/mask.ts'
import { createProtection, type Protection } from '../../src/protection.ts'
import type { RouterOptions } from '../../src/start.ts'

/** The graph of a router, without the router. */
export async function startLiveGraph(
  options: RouterOptions,
): Promise<LiveGraph & { readonly protection: Protection }> {
  const logger = createLogger({ name: 'test', level: 'silent' })
  const agent = createAgent()
  const protection = await createProtection({
    file: options.file,
    redisUrl: null,
    isProduction: false,
    logger,
  })
  const graph = await startGraph(options.supergraphSdl, {
    agent,
    flights: createFlights(),
    identityKeys: options.identityKeys,
    settings: subgraphDefaults,
    urls: new Map(),
    timeoutMs: () => 1_000,
    required: [],
    cache: null,
    mask: createMask(logger),
    shared: {},
    partners: null,
    protection,
    suggestions: false,
    logger,
  })
  return {
    ...graph,
    protection,
    async close() {
      await graph.close()
      await protection.close()
      await agent.close()
    },
  }
}
