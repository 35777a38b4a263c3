import {
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  isScalarType,
  isSpecifiedScalarType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLScalarType,
} from 'graphql'
import { ConfigError } from '@mall/service/config'
import { described, nullable, type Components, type JsonSchema } from './json-schema.ts'

/** What a scalar or enum of the graph is in JSON. */
export type LeafSchemas = (type: GraphQLScalarType | GraphQLEnumType) => JsonSchema

/** Schemas of leaves; of scalars that are not GraphQL's own the given ones. Throws ConfigError for one that is missing. */
export function createLeafSchemas(
  components: Components,
  scalars: Readonly<Record<string, JsonSchema>>,
): LeafSchemas {
  return (type) => {
    if (isEnumType(type)) return components.once(type.name, () => enumSchema(type))
    const own = ownScalars[type.name]
    if (own && isSpecifiedScalarType(type)) return own
    const given = scalars[type.name]
    if (!given)
      throw new ConfigError([
        { variable: 'partners', problem: `api.yaml: "scalars" does not say what ${type.name} is in JSON.` },
      ])
    return components.once(type.name, () => described(given, type.description))
  }
}

const ownScalars: Readonly<Record<string, JsonSchema>> = {
  ID: { type: 'string' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Int: { type: 'integer', format: 'int32' },
  Float: { type: 'number', format: 'double' },
}

function enumSchema(type: GraphQLEnumType): JsonSchema {
  const values = type.getValues()
  const meanings = values.flatMap(({ name, description }) => (description ? [`${name}: ${description}`] : []))
  return described({ type: 'string', enum: values.map(({ name }) => name) }, type.description, ...meanings)
}

/** The schema of what a variable or input field takes. Without `orNull`, null is not among it. */
export type InputSchemas = (type: GraphQLInputType, options?: { readonly orNull: boolean }) => JsonSchema

/** Schemas of input types; input objects are components that take no other members. */
export function createInputSchemas(components: Components, leafOf: LeafSchemas): InputSchemas {
  const schemaOf: InputSchemas = (type, { orNull } = { orNull: true }) => {
    if (isNonNullType(type)) return shapeOf(type.ofType)
    return orNull ? nullable(shapeOf(type)) : shapeOf(type)
  }
  return schemaOf

  function shapeOf(type: GraphQLInputType): JsonSchema {
    if (isNonNullType(type)) return shapeOf(type.ofType)
    if (isListType(type)) return { type: 'array', items: schemaOf(type.ofType) }
    if (isScalarType(type) || isEnumType(type)) return leafOf(type)
    if (isInputObjectType(type)) return components.once(type.name, () => objectSchema(type))
    throw new Error('an input type is of no known kind')
  }

  function objectSchema(type: GraphQLInputObjectType): JsonSchema {
    const fields = Object.values(type.getFields())
    const required = fields.filter(isRequiredInputField).map(({ name }) => name)
    const schema = {
      type: 'object',
      properties: Object.fromEntries(
        fields.map((field) => [
          field.name,
          withDefault(described(schemaOf(field.type), field.description), field.defaultValue),
        ]),
      ),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
      ...(type.isOneOf ? { minProperties: 1, maxProperties: 1 } : {}),
    }
    return described(schema, type.description)
  }
}

export const withDefault = (schema: JsonSchema, value: unknown): JsonSchema =>
  value === undefined || value === null ? schema : { ...schema, default: value }
