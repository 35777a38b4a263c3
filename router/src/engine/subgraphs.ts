import type { SecretKey } from '@mall/service/config'
import type { Logger } from '@mall/service/logger'
import { IDENTITY_HEADER, signIdentity } from '@mall/service/trust'
import { createUpstream, type Upstream } from '../subscriptions/upstream.ts'
import type { Measures } from '../metrics/measures.ts'
import type { SubgraphsFile } from './config.ts'
import type { Connections } from './connections.ts'
import { startDiscovery } from './discovery.ts'
import { createEndpoints, type Endpoints } from './endpoints.ts'
import type { Flights } from './flights.ts'
import { startProbing } from './probe.ts'
import { createSubgraphClient, IDENTITY_LIFETIME_MS, type SubgraphClient } from './subgraph-client.ts'

/** A subgraph as the router reaches it. */
export interface Subgraph {
  /** As the supergraph gives it. */
  readonly url: string
  readonly endpoints: Endpoints
  readonly client: SubgraphClient
  readonly upstream: Upstream
  /** Ends looking for instances and asking how they are. What is under way goes on. */
  retire(): void
  close(): Promise<void>
}

export interface SubgraphDeps {
  readonly connections: Connections
  readonly flights: Flights
  readonly identityKeys: readonly SecretKey[]
  readonly settings: SubgraphsFile
  /** Instances given by name, before those of the settings and of the supergraph. */
  readonly urls: ReadonlyMap<string, readonly string[]>
  readonly timeoutMs: (name: string) => number
  readonly measures: Pick<Measures, 'subgraph'>
  readonly logger: Logger
}

/** Finds its instances and begins to watch them. Resolves when it can be asked. */
export async function startSubgraph(name: string, url: string, deps: SubgraphDeps): Promise<Subgraph> {
  const { settings, identityKeys, logger } = deps
  const source = deps.urls.get(name) ?? settings.instances[name] ?? [url]
  const endpoints = createEndpoints('length' in source ? source : [url], settings.breaker)
  const discovery =
    'length' in source
      ? null
      : await startDiscovery({ name, source, onFound: (urls) => endpoints.replace(urls), logger })
  const probing = settings.probe && startProbing({ name, endpoints, settings: settings.probe, sign, logger })
  const measures = deps.measures.subgraph(name)
  const upstream = createUpstream({ name, endpoints, identityKeys, logger })
  return {
    url,
    endpoints,
    client: createSubgraphClient({ ...deps, name, endpoints, measures, timeoutMs: deps.timeoutMs(name) }),
    upstream,
    retire,
    async close() {
      retire()
      await upstream.close()
    },
  }

  function retire(): void {
    discovery?.stop()
    if (probing) probing.stop()
  }

  function sign(body: string): Record<string, string> {
    const claims = { audience: name, method: 'POST', body, viewer: null, address: '' }
    const expiresAt = Date.now() + IDENTITY_LIFETIME_MS
    return {
      'content-type': 'application/json',
      [IDENTITY_HEADER]: signIdentity({ ...claims, expiresAt }, identityKeys),
    }
  }
}
