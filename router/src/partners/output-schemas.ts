import {
  getNamedType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from '../fragments.ts'
import { collectFields } from '../executor/collect-fields.ts'
import { nullWithout, type Requirements } from './access.ts'
import { faultAtNode } from './fault.ts'
import type { LeafSchemas } from './input-schemas.ts'
import { described, nullable, type Components, type JsonSchema } from './json-schema.ts'
import type { PartnerOperation } from './operations.ts'

export interface OutputDeps {
  readonly schema: GraphQLSchema
  readonly requirements: Requirements
  readonly components: Components
  readonly leafOf: LeafSchemas
}

/** What an operation answers, without null at its root, and the errors that it may answer instead. */
export interface AnswerSchemas {
  readonly success: JsonSchema
  /** By the error's type. */
  readonly errors: ReadonlyMap<string, JsonSchema>
}

/**
 * Schemas of what an operation selects. An object is a component named after the fragment that selects it, or its type;
 * throws ConfigError where another operation selects it differently under all names that it could have.
 */
export function answerSchemas(operation: PartnerOperation, deps: OutputDeps): AnswerSchemas {
  const { schema, requirements, components, leafOf } = deps
  const fragments = fragmentsOf(operation.document)
  const { root, rootField, successes, errors } = operation
  const rootSets = setsOf([root])
  const [only, ...others] = successes
  return {
    success:
      only && others.length === 0
        ? objectSchema(only, rootSets, { isNamed: false })
        : errors.length > 0
          ? oneOf(successes, rootSets)
          : shapeOf(rootField.type, [root]),
    errors: new Map(errors.map((type) => [type.name, objectSchema(type, rootSets, { isNamed: true })])),
  }

  function schemaOf(type: GraphQLOutputType, nodes: readonly FieldNode[]): JsonSchema {
    return isNonNullType(type) ? shapeOf(type.ofType, nodes) : nullable(shapeOf(type, nodes))
  }

  function shapeOf(type: GraphQLOutputType, nodes: readonly FieldNode[]): JsonSchema {
    if (isNonNullType(type)) return shapeOf(type.ofType, nodes)
    if (isListType(type)) return { type: 'array', items: schemaOf(type.ofType, nodes) }
    if (isScalarType(type) || isEnumType(type)) return leafOf(type)
    if (isObjectType(type)) return objectSchema(type, setsOf(nodes), { isNamed: false })
    return oneOf(schema.getPossibleTypes(type), setsOf(nodes))
  }

  function oneOf(types: readonly GraphQLObjectType[], sets: readonly SelectionSetNode[]): JsonSchema {
    const members = types.map((type) => [type.name, objectSchema(type, sets, { isNamed: true })] as const)
    return {
      oneOf: members.map(([, member]) => member),
      discriminator: {
        propertyName: '__typename',
        mapping: Object.fromEntries(members.map(([name, { $ref }]) => [name, $ref])),
      },
    }
  }

  /** Named: with the `__typename` that tells it from others. Unnamed at an abstract place: taken out of the answer. */
  function objectSchema(
    type: GraphQLObjectType,
    sets: readonly SelectionSetNode[],
    { isNamed }: { readonly isNamed: boolean },
  ): JsonSchema {
    const collect = (isIncluded: (node: SelectionNode) => boolean) =>
      collectFields({ schema, fragments, isIncluded }, type.name, sets)
    const always = collect(({ directives = [] }) => !directives.some(isCondition))
    const properties: Record<string, JsonSchema> = {}
    for (const [key, nodes] of collect(() => true)) {
      const name = nodes[0]?.name.value ?? ''
      const isTypename = name === '__typename'
      if (isTypename && !isNamed && sets === rootSets && key === '__typename') continue
      const field = type.getFields()[name]
      if (isTypename) properties[key] = { type: 'string', const: type.name }
      else if (field) properties[key] = fieldSchema(type, field, nodes)
    }
    const required = Object.keys(properties).filter((key) => always.has(key))
    const made = described(
      { type: 'object', properties, ...(required.length > 0 ? { required } : {}) },
      type.description,
    )
    const names = namesOf(type, sets)
    const reference = components.firstFree(names, made)
    if (reference) return reference
    throw faultAtNode(
      sets[0],
      `${operation.name} selects ${type.name} in a shape for which no name is left: name it by a fragment of its own.`,
    )
  }

  function fieldSchema(
    type: GraphQLObjectType,
    field: GraphQLField<unknown, unknown>,
    nodes: readonly FieldNode[],
  ): JsonSchema {
    const guard =
      requirements.get(`${type.name}.${field.name}`) ?? requirements.get(getNamedType(field.type).name)
    const made = described(schemaOf(field.type, nodes), field.description, nullWithout(guard))
    return field.deprecationReason ? { ...made, deprecated: true } : made
  }

  function namesOf(type: GraphQLObjectType, sets: readonly SelectionSetNode[]): string[] {
    const [only, ...rest] = sets.flatMap(({ selections }) => selections)
    const spread = only?.kind === Kind.FRAGMENT_SPREAD && rest.length === 0 ? only.name.value : null
    // Other types keep their own names.
    const fragment = spread !== null && (spread === type.name || !schema.getType(spread)) ? spread : null
    const { name } = operation
    const prefix = `${name.charAt(0).toUpperCase()}${name.slice(1)}`
    return [...(fragment ? [fragment] : []), type.name, `${prefix}${fragment ?? type.name}`]
  }
}

const setsOf = (nodes: readonly FieldNode[]) =>
  nodes.flatMap(({ selectionSet }) => (selectionSet ? [selectionSet] : []))

const isCondition = ({ name: { value } }: { readonly name: { readonly value: string } }) =>
  value === 'skip' || value === 'include'
