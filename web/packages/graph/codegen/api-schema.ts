import { readFile } from 'node:fs/promises'
import { composeServices } from '@apollo/composition'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { parse } from 'graphql'
import type { GraphQLSchema } from 'graphql'

const subgraphs = ['users', 'products', 'orders']

/**
 * Loader for graphql-codegen: what clients of the mall see, composed from the subgraphs' schema files.
 * From the files and not from a running router, so that types can be made before anything is started.
 *
 * @throws when the subgraphs do not compose, with composition's own messages.
 */
export default async function loadApiSchema(): Promise<GraphQLSchema> {
  const services = await Promise.all(subgraphs.map(readSubgraph))
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(`The subgraphs do not compose:\n${errors?.map(String).join('\n')}`)
  const supportedFeatures = ROUTER_SUPPORTED_SUPERGRAPH_FEATURES
  return Supergraph.build(supergraphSdl, { supportedFeatures }).apiSchema().toGraphQLJSSchema()
}

async function readSubgraph(name: string) {
  const file = new URL(`../../../../subgraphs/${name}/schema.graphql`, import.meta.url)
  return { name, typeDefs: parse(await readFile(file, 'utf8')) }
}
