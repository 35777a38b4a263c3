import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isNonNullType,
  type GraphQLSchema,
} from 'graphql'
import { faultAt, faultAtNode } from './fault.ts'
import type { PartnerFolder, RouteMapping } from './mapping.ts'
import { readOperations, type PartnerOperation } from './operations.ts'

/** An operation and where its variables come from. Each variable has exactly one place. */
export interface PartnerRoute {
  readonly mapping: RouteMapping
  readonly operation: PartnerOperation
  readonly pathVariables: readonly string[]
  readonly queryVariables: readonly string[]
  /** One variable is the whole body, or each of them is a member of it; null without a body. */
  readonly body: { readonly variables: readonly string[]; readonly isWhole: boolean } | null
}

/** Joins the folder's routes with its operations. Throws ConfigError with file and line of the first fault. */
export function readRoutes(folder: PartnerFolder, schema: GraphQLSchema): readonly PartnerRoute[] {
  const { api, apiFile, document } = folder
  for (const name of [api.errors.interface, ...Object.keys(api.errors.statuses)])
    if (!schema.getType(name)) throw faultAt(apiFile, 1, `The graph has no type ${name}.`)
  const operations = readOperations(document, schema, api.errors.interface)
  const routes = folder.routes.map((mapping) => {
    const operation = operations.get(mapping.operation)
    if (!operation) throw faultAt(mapping.file, mapping.line, `There is no operation ${mapping.operation}.`)
    return readRoute(mapping, operation)
  })
  checkClashes(folder.routes)
  const mapped = new Set(folder.routes.map(({ operation }) => operation))
  const unmapped = [...operations.keys()].find((name) => !mapped.has(name))
  if (unmapped !== undefined)
    throw faultAtNode(operations.get(unmapped)?.definition, `The operation ${unmapped} has no route.`)
  return routes
}

function readRoute(mapping: RouteMapping, operation: PartnerOperation): PartnerRoute {
  const { body, query: queryVariables, method, path, file, line } = mapping
  const fault = (problem: string) => faultAt(file, line, `${operation.name}: ${problem}`)
  const pathVariables = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const bodyVariables = typeof body === 'string' ? [body] : (body ?? [])
  const places = [...pathVariables, ...queryVariables, ...bodyVariables]

  for (const name of places) {
    if (!operation.variables.has(name)) throw fault(`the operation has no variable $${name}.`)
    if (places.indexOf(name) !== places.lastIndexOf(name)) throw fault(`$${name} has more than one place.`)
  }
  for (const [name, { type }] of operation.variables) {
    if (!places.includes(name)) throw fault(`$${name} has no place: name it in the path, query or body.`)
    const isInText = !bodyVariables.includes(name)
    if (isInText && isInputObjectType(getNamedType(type)))
      throw fault(`$${name} is an object: it fits only in a body.`)
    const nullableType = getNullableType(type)
    if (pathVariables.includes(name) && isListType(nullableType))
      throw fault(`$${name} is a list: not for a path.`)
    if (isInText && isListType(nullableType) && isListType(getNullableType(nullableType.ofType)))
      throw fault(`$${name} is a list of lists: it fits only in a body.`)
  }
  if (method === 'GET' && operation.definition.operation === 'mutation')
    throw fault('a mutation is not asked for by GET.')
  if ((method === 'GET' || method === 'DELETE') && body !== null) throw fault(`${method} has no body.`)
  return {
    mapping,
    operation,
    pathVariables,
    queryVariables,
    body: body === null ? null : { variables: bodyVariables, isWhole: typeof body === 'string' },
  }
}

function checkClashes(routes: readonly RouteMapping[]): void {
  const known = new Map<string, RouteMapping>()
  const operations = new Map<string, RouteMapping>()
  for (const route of routes) {
    const { method, path, file, line, operation } = route
    const key = `${method} ${path.replaceAll(/\{\w+\}/g, '{}')}`
    const other = known.get(key)
    if (other)
      throw faultAt(file, line, `${operation}: ${method} ${path} is the route of ${other.operation} already.`)
    if (operations.has(operation)) throw faultAt(file, line, `${operation} has a route already.`)
    known.set(key, route)
    operations.set(operation, route)
  }
}

/** Whether the variable must be given. */
export function isRequired({ operation }: PartnerRoute, name: string): boolean {
  const variable = operation.variables.get(name)
  return variable !== undefined && isNonNullType(variable.type) && variable.defaultValue === undefined
}
