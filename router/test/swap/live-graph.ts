import { createLogger } from '@mall/service/logger'
import { createConnections } from '../../src/engine/connections.ts'
import { subgraphDefaults } from '../../src/engine/config.ts'
import { createFlights } from '../../src/engine/flights.ts'
import { startGraph, type LiveGraph } from '../../src/graph.ts'
import { createCounts } from '../../src/metrics/counts.ts'
import { createMeasures } from '../../src/metrics/measures.ts'
import { createMask } from '../../src/pipeline/mask.ts'
import { createProtection, type Protection } from '../../src/protection.ts'
import type { RouterOptions } from '../../src/start.ts'
import { createTracing, type Tracing } from '../../src/tracing/tracing.ts'

/** The graph of a router, without the router. */
export async function startLiveGraph(
  options: RouterOptions,
): Promise<LiveGraph & { readonly protection: Protection; readonly tracing: Tracing }> {
  const logger = createLogger({ name: 'test', level: 'silent' })
  const connections = createConnections()
  const counts = createCounts()
  const protection = await createProtection({
    file: options.file,
    redisUrl: null,
    isProduction: false,
    counts,
    logger,
  })
  const tracing = createTracing(null, logger)
  const graph = await startGraph(options.supergraphSdl, {
    connections,
    flights: createFlights(counts),
    measures: createMeasures(counts, new Set()),
    tracing,
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
    tracing,
    async close() {
      await graph.close()
      await protection.close()
      connections.close()
    },
  }
}
