import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { collectRules } from '@mall/access'
import { createPrepare } from '../pipeline/prepare.ts'
import { readPartnerFolder } from './mapping.ts'
import { createPartnerApi, type PartnerApi } from './partner-api.ts'

/** The partners' folder as the router makes it, without a router. Throws ConfigError with file and line. */
export function readApi(folder: string, supergraphSdl: string): PartnerApi {
  const supergraph = Supergraph.build(supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  const schema = supergraph.apiSchema().toGraphQLJSSchema()
  const prepare = createPrepare({ schema, rules: collectRules(supergraphSdl), suggestions: true })
  return createPartnerApi(readPartnerFolder(folder), { schema, supergraphSdl, prepare })
}
