import type { InputSchemas } from './input-schemas.ts'
import { withDefault } from './input-schemas.ts'
import { described, type JsonSchema } from './json-schema.ts'
import { isRequired, type PartnerRoute } from './routes.ts'

/** A request's parts, each as an object with the variables as members; the body may be one variable instead. */
export interface RequestSchemas {
  readonly path: JsonSchema
  readonly query: JsonSchema
  readonly body: JsonSchema | null
  readonly isBodyRequired: boolean
}

export function requestSchemas(route: PartnerRoute, schemaOf: InputSchemas): RequestSchemas {
  const { body } = route
  return {
    path: objectOf(route, route.pathVariables, schemaOf, { orNull: false }),
    query: objectOf(route, route.queryVariables, schemaOf, { orNull: false }),
    body:
      body === null
        ? null
        : body.isWhole
          ? variableSchema(route, body.variables[0] ?? '', schemaOf, { orNull: true })
          : objectOf(route, body.variables, schemaOf, { orNull: true }),
    isBodyRequired: body?.variables.some((name) => isRequired(route, name)) ?? false,
  }
}

function objectOf(
  route: PartnerRoute,
  names: readonly string[],
  schemaOf: InputSchemas,
  options: { readonly orNull: boolean },
): JsonSchema {
  const required = names.filter((name) => isRequired(route, name))
  return {
    type: 'object',
    properties: Object.fromEntries(
      names.map((name) => [name, variableSchema(route, name, schemaOf, options)]),
    ),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  }
}

/** In a path or query there is no null: what is not given is left out. */
function variableSchema(
  { operation }: PartnerRoute,
  name: string,
  schemaOf: InputSchemas,
  options: { readonly orNull: boolean },
): JsonSchema {
  const variable = operation.variables.get(name)
  if (!variable) throw new Error(`${operation.name} has no variable ${name}`)
  const { type, defaultValue, description } = variable
  return withDefault(described(schemaOf(type, options), description), defaultValue)
}
