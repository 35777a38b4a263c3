import { isNonNullType, type GraphQLSchema } from 'graphql'
import { accessOf, anyOf, readRequirements, type OperationAccess } from './access.ts'
import { partialErrorsSchema } from './answers.ts'
import { createInputSchemas, createLeafSchemas } from './input-schemas.ts'
import { createComponents, refTo, type JsonSchema } from './json-schema.ts'
import type { ApiFile } from './mapping.ts'
import { answerSchemas, type AnswerSchemas } from './output-schemas.ts'
import { problemSchema } from './problems.ts'
import { requestSchemas, type RequestSchemas } from './request-schemas.ts'
import type { PartnerRoute } from './routes.ts'

/** An OpenAPI 3.1 document, and what each route's requests must be; references are into the document. */
export interface OpenApi {
  readonly document: OpenApiDocument
  /** By operation. */
  readonly requests: ReadonlyMap<string, RequestSchemas>
}

export interface OpenApiDocument {
  readonly openapi: '3.1.1'
  readonly info: JsonSchema
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>
  readonly components: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>
  readonly [key: string]: unknown
}

/** HTTP status of a typed error. */
export const statusIn =
  ({ errors }: ApiFile) =>
  (type: string): number =>
    Object.hasOwn(errors.statuses, type) ? (errors.statuses[type] ?? errors.default) : errors.default

/** Writes the document from the graph's types, descriptions and access rules. */
export function createOpenApi(
  api: ApiFile,
  routes: readonly PartnerRoute[],
  schema: GraphQLSchema,
  supergraphSdl: string,
): OpenApi {
  const components = createComponents()
  components.once('Problem', () => problemSchema)
  components.once('PartialErrors', () => partialErrorsSchema)
  const leafOf = createLeafSchemas(components, api.scalars)
  const schemaOf = createInputSchemas(components, leafOf)
  const requirements = readRequirements(supergraphSdl)
  const paths: Record<string, Record<string, JsonSchema>> = {}
  const requests = new Map<string, RequestSchemas>()

  for (const route of routes) {
    const { mapping, operation } = route
    const request = requestSchemas(route, schemaOf)
    const answer = answerSchemas(operation, { schema, requirements, components, leafOf })
    const access = accessOf(operation, schema, requirements)
    requests.set(operation.name, request)
    const path = (paths[mapping.path] ??= {})
    path[mapping.method.toLowerCase()] = {
      operationId: operation.name,
      tags: [mapping.tag],
      ...textOf(route, access),
      ...(operation.rootField.deprecationReason ? { deprecated: true } : {}),
      security: securityOf(access),
      ...parametersOf(request),
      ...(request.body
        ? { requestBody: { required: request.isBodyRequired, content: json(request.body) } }
        : {}),
      responses: responsesOf(route, answer, access, statusIn(api)),
    }
  }
  return {
    requests,
    document: {
      openapi: '3.1.1',
      info: {
        title: api.title,
        version: api.version,
        ...(api.description ? { description: api.description } : {}),
      },
      servers: [{ url: '/' }],
      tags: [...new Set(routes.map(({ mapping }) => mapping.tag))].map((name) => ({ name })),
      paths,
      components: {
        schemas: components.schemas,
        responses: Object.fromEntries(
          Object.entries(commonResponses).map(([status, description]) => [status, problem(description)]),
        ),
        securitySchemes,
      },
    },
  }
}

/** What can happen to any request. */
const commonResponses: Readonly<Record<number, string>> = {
  401: 'No credential was given where one is needed, or it is unknown or has expired.',
  429: 'Too many requests in a while.',
  500: 'A fault on this side.',
  503: 'A part that the answer needs is not available. Try again.',
  504: 'A part that the answer needs took too long.',
}

const securitySchemes = {
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'x-api-key',
    description:
      "A partner's key. `Authorization: ApiKey <key>` and `Authorization: Bearer <key>` do as well.",
  },
  bearer: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a session.',
  },
}

/** Either credential will do; the names are the scopes that it must have. */
function securityOf({ isGuarded, scopes }: OperationAccess): JsonSchema[] {
  const lists = scopes.length > 0 ? scopes : [[]]
  const either = lists.flatMap((names) => Object.keys(securitySchemes).map((scheme) => ({ [scheme]: names })))
  return isGuarded ? either : [{}, ...either]
}

function textOf({ operation }: PartnerRoute, { scopes }: OperationAccess): JsonSchema {
  const { description, deprecationReason } = operation.rootField
  const sentences = [
    scopes.length > 0 ? `Needs the scope ${anyOf(scopes)}.` : '',
    deprecationReason ? `Deprecated: ${deprecationReason}` : '',
  ].filter(Boolean)
  return {
    ...(description ? { summary: description } : {}),
    ...(sentences.length > 0 ? { description: sentences.join(' ') } : {}),
  }
}

function parametersOf(request: RequestSchemas): JsonSchema {
  const parameters = (['path', 'query'] as const).flatMap((place) => {
    const { properties, required } = request[place]
    return Object.entries(properties ?? {}).map(([name, schema]: [string, JsonSchema]) => {
      const { description, ...rest } = schema
      const isRequired = place === 'path' || (Array.isArray(required) && required.includes(name))
      return {
        name,
        in: place,
        required: isRequired,
        ...(description === undefined ? {} : { description }),
        schema: rest,
      }
    })
  })
  return parameters.length > 0 ? { parameters } : {}
}

function responsesOf(
  { mapping, operation, pathVariables, queryVariables, body }: PartnerRoute,
  { success, errors }: AnswerSchemas,
  access: OperationAccess,
  statusOf: (type: string) => number,
): JsonSchema {
  const byStatus = new Map<number, string[]>()
  for (const type of errors.keys())
    byStatus.set(statusOf(type), [...(byStatus.get(statusOf(type)) ?? []), type])
  const takesInput = pathVariables.length + queryVariables.length > 0 || body !== null
  const isNullable = !isNonNullType(operation.rootField.type)
  const isForSome = access.scopes.length > 0 || access.hasPolicies
  const plain = [
    ...(takesInput ? [[400, 'A parameter or the body does not fit.'] as const] : []),
    ...(isForSome ? [[403, 'The credential lacks a scope.'] as const] : []),
    ...(isNullable ? [[404, 'There is no such thing, or it is not for the one who asks.'] as const] : []),
  ]
  return {
    [mapping.status]: {
      description: 'Done.',
      content: json({
        type: 'object',
        properties: { data: success, errors: refTo('PartialErrors') },
        required: ['data'],
      }),
    },
    ...Object.fromEntries(plain.map(([status, text]) => [status, problem(text)])),
    ...Object.fromEntries([...byStatus].map(([status, types]) => [status, typed(types, errors)])),
    ...Object.fromEntries(
      Object.keys(commonResponses).map((status) => [status, { $ref: `#/components/responses/${status}` }]),
    ),
  }
}

const json = (schema: JsonSchema) => ({ 'application/json': { schema } })

const problem = (description: string, schema: JsonSchema = refTo('Problem')): JsonSchema => ({
  description,
  content: { 'application/problem+json': { schema } },
})

/** Typed errors that share a status; `error` says which it was. */
function typed(types: readonly string[], schemas: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const members = types.map((type) => schemas.get(type) ?? {})
  const [only, ...others] = members
  const error =
    only && others.length === 0
      ? only
      : {
          oneOf: members,
          discriminator: {
            propertyName: '__typename',
            mapping: Object.fromEntries(types.map((type, index) => [type, members[index]?.$ref])),
          },
        }
  return problem(types.join(', '), {
    allOf: [refTo('Problem'), { type: 'object', properties: { error } }],
  })
}
