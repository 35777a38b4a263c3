import { Supergraph, ROUTER_SUPPORTED_SUPERGRAPH_FEATURES } from '@apollo/federation-internals'

/** The subgraphs' names and the URLs that the supergraph gives for them. */
export function subgraphUrlsOf(supergraphSdl: string): Map<string, string> {
  const supergraph = Supergraph.build(supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  return new Map([...supergraph.subgraphsMetadata()].map(({ name, url }) => [name, url ?? '']))
}
