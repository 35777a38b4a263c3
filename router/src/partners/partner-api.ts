import type { GraphQLSchema } from 'graphql'
import type { Pipeline } from '../pipeline/pipeline.ts'
import type { PreparedOperation } from '../pipeline/prepare.ts'
import { faultAt } from './fault.ts'
import type { PartnerFolder } from './mapping.ts'
import { createOpenApi, statusIn, type OpenApiDocument } from './openapi.ts'
import { readRoutes, type PartnerRoute } from './routes.ts'
import { createValidation, type ReadVariables } from './validate-request.ts'

/** A route that is ready to be served: its operation is parsed, validated and guarded already. */
export interface ServedRoute extends PartnerRoute {
  readonly prepared: PreparedOperation
  readonly readVariables: ReadVariables
}

/** The partners' folder, made for one graph. */
export interface PartnerApi {
  /** By operation. */
  readonly routes: ReadonlyMap<string, ServedRoute>
  readonly document: OpenApiDocument
  statusOf(errorType: string): number
}

/** Makes a folder's routes for a graph. Throws ConfigError with file and line for whatever does not fit. */
export function createPartnerApi(
  folder: PartnerFolder,
  {
    schema,
    supergraphSdl,
    prepare,
  }: { schema: GraphQLSchema; supergraphSdl: string; prepare: Pipeline['prepare'] },
): PartnerApi {
  const routes = readRoutes(folder, schema)
  const openApi = createOpenApi(folder.api, routes, schema, supergraphSdl)
  const validationOf = createValidation(openApi)
  return {
    document: openApi.document,
    statusOf: statusIn(folder.api),
    routes: new Map(
      routes.map((route) => {
        const { mapping, operation } = route
        const prepared = prepare(operation.text, operation.name)
        if (!('document' in prepared))
          throw faultAt(mapping.file, mapping.line, `${operation.name}: ${prepared[0]?.message}`)
        return [operation.name, { ...route, prepared, readVariables: validationOf(route) }]
      }),
    ),
  }
}
