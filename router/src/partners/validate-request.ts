import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { JsonSchema } from './json-schema.ts'
import type { OpenApi } from './openapi.ts'
import { badRequest, ProblemError, type RequestFault } from './problems.ts'
import type { PartnerRoute } from './routes.ts'

/** A request as HTTP gives it. */
export interface RawRequest {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/** Checks a request and gives the operation's variables. Throws ProblemError (400) with what is wrong. */
export type ReadVariables = (request: RawRequest) => Readonly<Record<string, unknown>>

/** Checks by the schemas of the OpenAPI document; text in path and query becomes numbers and booleans where those are asked. */
export function createValidation({ document, requests }: OpenApi): (route: PartnerRoute) => ReadVariables {
  const compilers = {
    text: createAjv({ coerceTypes: 'array', allErrors: true }),
    // The first fault only: a body of a megabyte must not become a million of them.
    json: createAjv({}),
  }
  const compile = (ajv: Ajv2020, schema: JsonSchema) =>
    // References are into the document.
    ajv.compile<Record<string, unknown>>({ ...schema, components: document.components })

  return ({ operation, body }) => {
    const schemas = requests.get(operation.name)
    if (!schemas) throw new Error(`${operation.name} is not in the document`)
    const ofPath = compile(compilers.text, schemas.path)
    const ofQuery = compile(compilers.text, schemas.query)
    const ofBody = schemas.body && compile(compilers.json, schemas.body)

    return (request) => {
      const path = copyOf(request.params)
      const query = copyOf(request.query)
      const sent = request.body === undefined && !schemas.isBodyRequired ? {} : request.body
      const faults = [
        ...check(ofPath, path, 'path'),
        ...check(ofQuery, query, 'query'),
        ...(ofBody ? check(ofBody, sent, 'body') : []),
      ]
      if (faults.length > 0) throw new ProblemError(badRequest(faults))
      if (!body) return { ...query, ...path }
      return { ...query, ...path, ...(body.isWhole ? { [body.variables[0] ?? '']: sent } : copyOf(sent)) }
    }
  }
}

function createAjv(options: { readonly coerceTypes?: 'array'; readonly allErrors?: boolean }): Ajv2020 {
  // Not strict: `components` and `discriminator` are OpenAPI's words.
  const ajv = new Ajv2020({ ...options, strict: false })
  addFormats.default(ajv)
  return ajv
}

/** Coercion writes into what it checks. */
const copyOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? { ...value } : {}

const MAX_FAULTS = 10

function check(validate: ValidateFunction, value: unknown, place: RequestFault['in']): RequestFault[] {
  if (validate(value)) return []
  return (validate.errors ?? [])
    .filter((error) => !isAboutNull(error))
    .slice(0, MAX_FAULTS)
    .map(({ instancePath, message = 'does not fit', params }) => {
      const named: unknown = params.additionalProperty ?? params.missingProperty
      return {
        in: place,
        pointer: typeof named === 'string' ? `${instancePath}/${named}` : instancePath,
        detail: detailOf(message, params),
      }
    })
}

function detailOf(message: string, params: Record<string, unknown>): string {
  if (params.additionalProperty !== undefined) return 'is not known'
  if (params.missingProperty !== undefined) return 'is missing'
  return Array.isArray(params.allowedValues) ? `${message}: ${params.allowedValues.join(', ')}` : message
}

/** That a value could have been null instead says nothing about what is wrong with it. */
const isAboutNull = ({ keyword, params }: ErrorObject) => keyword === 'anyOf' || params.type === 'null'
