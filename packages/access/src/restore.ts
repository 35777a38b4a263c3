import {
  getDirectiveValues,
  getNamedType,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf, TYPENAME_ALIAS } from './operation-rules.ts'

/** An operation as the client wrote it, and what of it was denied. */
export interface DeniedOperation {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly variables: Readonly<Record<string, unknown>>
  readonly denied: (node: ASTNode) => boolean
  /** The error of a denied field; it gets the field's path. */
  readonly error: () => GraphQLError
}

type Path = readonly (string | number)[]
type Values = Readonly<Record<string, unknown>>

/**
 * Puts the answer to a pruned operation into the shape that the client asked for: denied fields are null with an error
 * at their path, and a null where none may be takes its parent with it.
 */
export function restoreDenied(
  data: Values | null | undefined,
  asked: DeniedOperation,
): { data: Record<string, unknown> | null; errors: GraphQLError[] } {
  const errors: GraphQLError[] = []
  const root = asked.schema.getRootType(asked.operation.operation)
  if (!data || !root) return { data: null, errors }
  const shaped = shapeObject(root, [asked.operation.selectionSet], data, [])
  return { data: shaped === bubble ? null : shaped, errors }

  function shapeObject(type: GraphQLObjectType, sets: SelectionSetNode[], value: Values, path: Path) {
    const output: Record<string, unknown> = {}
    let bubbles = false
    for (const [key, fields] of collectFields(asked, type, sets)) {
      const [first] = fields
      if (!first) continue
      const returned = fieldType(type, first.node.name.value)
      const fieldPath = [...path, key]
      const allowed = fields.filter((field) => !field.denied)
      let completed: unknown
      if (allowed.length === 0) {
        const error = asked.error()
        errors.push(new GraphQLError(error.message, { path: fieldPath, extensions: error.extensions }))
        completed = isNonNullType(returned) ? bubble : null
      } else {
        const inner = allowed.flatMap(({ node }) => (node.selectionSet ? [node.selectionSet] : []))
        completed = returned ? complete(returned, inner, value[key], fieldPath) : value[key]
      }
      if (completed === bubble) bubbles = true
      else output[key] = completed
    }
    return bubbles ? bubble : output
  }

  function complete(type: GraphQLOutputType, sets: SelectionSetNode[], value: unknown, path: Path): unknown {
    if (isNonNullType(type)) {
      const completed = complete(type.ofType, sets, value, path)
      return completed === null ? bubble : completed
    }
    if (value === null || value === undefined) return null
    if (isListType(type)) {
      if (!Array.isArray(value)) return null
      const items = value.map((item, index) => complete(type.ofType, sets, item, [...path, index]))
      return items.includes(bubble) ? null : items
    }
    if (sets.length === 0 || !isRecord(value)) return value
    const object = objectTypeOf(type, value)
    if (!object) return null
    const shapedObject = shapeObject(object, sets, value, path)
    return shapedObject === bubble ? null : shapedObject
  }

  function objectTypeOf(type: GraphQLOutputType, value: Values): GraphQLObjectType | null {
    const named = getNamedType(type)
    if (isObjectType(named)) return named
    const name = value[TYPENAME_ALIAS]
    const actual = typeof name === 'string' ? asked.schema.getType(name) : undefined
    return isObjectType(actual) ? actual : null
  }
}

/** The errors of an operation that is refused as a whole: one per denied field, at its path in the operation. */
export function deniedFields(asked: DeniedOperation): GraphQLError[] {
  const root = asked.schema.getRootType(asked.operation.operation)
  return root ? walk(root, [asked.operation.selectionSet], []) : []

  function walk(type: GraphQLObjectType, sets: SelectionSetNode[], path: Path): GraphQLError[] {
    return [...collectFields(asked, type, sets)].flatMap(([key, fields]) => {
      const fieldPath = [...path, key]
      if (fields.some((field) => field.denied)) {
        const { message, extensions } = asked.error()
        return [new GraphQLError(message, { path: fieldPath, extensions })]
      }
      const inner = fields.flatMap(({ node }) => (node.selectionSet ? [node.selectionSet] : []))
      const returned = getNamedType(fieldType(type, fields[0]?.node.name.value ?? ''))
      const possible = isAbstractType(returned) ? asked.schema.getPossibleTypes(returned) : [returned]
      const found = possible.flatMap((one) => (isObjectType(one) ? walk(one, inner, fieldPath) : []))
      return [...new Map(found.map((error) => [error.path?.join('.'), error])).values()]
    })
  }
}

/** A null where none may be. */
const bubble = Symbol('bubble')

interface CollectedField {
  readonly node: FieldNode
  /** Denied itself, or in a fragment that is. */
  readonly denied: boolean
}

function collectFields(
  asked: DeniedOperation,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Map<string, CollectedField[]> {
  const fragments = fragmentsOf(asked.document)
  const fields = new Map<string, CollectedField[]>()
  const collect = (set: SelectionSetNode, isDenied: boolean) => {
    for (const node of set.selections) {
      if (!isIncluded(node, asked.variables)) continue
      const denied = isDenied || asked.denied(node)
      if (node.kind === 'Field') {
        const key = (node.alias ?? node.name).value
        fields.set(key, [...(fields.get(key) ?? []), { node, denied }])
      } else {
        const fragment = node.kind === 'InlineFragment' ? node : fragments.get(node.name.value)
        if (fragment && applies(asked.schema, fragment.typeCondition, type))
          collect(fragment.selectionSet, denied)
      }
    }
  }
  for (const set of sets) collect(set, false)
  return fields
}

function isIncluded(
  node: { readonly directives?: FieldNode['directives'] },
  variables: Record<string, unknown>,
): boolean {
  const holder = { directives: node.directives ?? [] }
  return (
    getDirectiveValues(GraphQLSkipDirective, holder, variables)?.if !== true &&
    getDirectiveValues(GraphQLIncludeDirective, holder, variables)?.if !== false
  )
}

function applies(
  schema: GraphQLSchema,
  condition: FragmentDefinitionNode['typeCondition'] | undefined,
  type: GraphQLObjectType,
): boolean {
  if (!condition) return true
  const named = schema.getType(condition.name.value)
  if (isUnionType(named) || isInterfaceType(named)) return schema.isSubType(named, type)
  return named === type
}

/** undefined for `__typename` and introspection, which are passed as they are. */
const fieldType = (type: GraphQLObjectType, field: string): GraphQLOutputType | undefined =>
  type.getFields()[field]?.type

const isRecord = (value: unknown): value is Values => typeof value === 'object' && value !== null
