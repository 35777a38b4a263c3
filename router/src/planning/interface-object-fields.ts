import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { fragmentsOf } from '../fragments.ts'
import { argumentOf, createSupergraphTypes } from './supergraph-types.ts'

type Move = (operation: DocumentNode) => DocumentNode

/**
 * Where an object begins in one @interfaceObject, and a field of another that requires something is asked for one type of
 * the interface only, the planner runs in a circle. Such a field is planned for all types: what was not asked is left out of
 * the answer. A field has one key there (`source-keys.ts`), so none takes the place of another.
 */
export function createFieldMove(schema: GraphQLSchema, supergraph: DocumentNode): Move {
  const moved = movedFields(supergraph)
  if (moved.size === 0) return (operation) => operation
  return (operation) => {
    const fragments = fragmentsOf(operation)
    const walk = createWalk(schema, moved, fragments)
    return {
      ...operation,
      definitions: operation.definitions.map((one) => {
        if (one.kind !== Kind.OPERATION_DEFINITION) return one
        const root = schema.getRootType(one.operation)?.name ?? ''
        return { ...one, selectionSet: walk(one.selectionSet, root) }
      }),
    }
  }
}

/** By their interfaces, the fields of interface objects that require something. */
function movedFields(supergraph: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const { serviceOf } = createSupergraphTypes(supergraph)
  const found = supergraph.definitions.flatMap((type) => {
    if (type.kind !== Kind.INTERFACE_TYPE_DEFINITION) return []
    const objects = new Set(
      (type.directives ?? []).filter((one) => argumentOf(one, 'isInterfaceObject')).map(serviceOf),
    )
    const names = (type.fields ?? [])
      .filter(({ directives = [] }) =>
        directives.some((one) => argumentOf(one, 'requires') && objects.has(serviceOf(one))),
      )
      .map(({ name }) => name.value)
    return names.length > 0 ? [[type.name.value, new Set(names)] as const] : []
  })
  return new Map(found)
}

function createWalk(
  schema: GraphQLSchema,
  moved: ReadonlyMap<string, ReadonlySet<string>>,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
) {
  return walk

  function walk(set: SelectionSetNode, parent: string): SelectionSetNode {
    return setOf(
      set.selections.flatMap((one): readonly SelectionNode[] => {
        if (one.kind === Kind.FIELD) return [walkField(one, parent)]
        const fragment = inlined(one)
        const condition = fragment.typeCondition?.name.value ?? parent
        const inner = { ...fragment, selectionSet: walk(fragment.selectionSet, condition) }
        const names = moved.get(parent)
        return names && isObjectType(schema.getType(condition)) ? split(inner, names) : [inner]
      }),
    )
  }

  function walkField(node: FieldNode, parent: string): FieldNode {
    const type = schema.getType(parent)
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    const inner = field && getNamedType(field.type)
    if (!node.selectionSet || !isCompositeType(inner)) return node
    return { ...node, selectionSet: walk(node.selectionSet, inner.name) }
  }

  function inlined(node: Exclude<SelectionNode, FieldNode>): InlineFragmentNode {
    if (node.kind === Kind.INLINE_FRAGMENT) return node
    const { typeCondition, selectionSet } = fragments.get(node.name.value) ?? {}
    return {
      kind: Kind.INLINE_FRAGMENT,
      directives: node.directives,
      typeCondition,
      selectionSet: selectionSet ?? setOf([]),
    }
  }
}

/** A fragment without the fields, and the fields, without the conditions under which the planner fails again. */
function split(fragment: InlineFragmentNode, names: ReadonlySet<string>): readonly SelectionNode[] {
  const isMoved = (one: SelectionNode) => one.kind === Kind.FIELD && names.has(one.name.value)
  const parts = fragment.selectionSet.selections.flatMap((one): readonly SelectionNode[] => {
    if (one.kind === Kind.INLINE_FRAGMENT) return split(one, names)
    return isMoved(one) ? [typename, { ...one, directives: [] }] : [one]
  })
  const { kept = [], forAll = [] } = Object.groupBy(parts, (one) => (isMoved(one) ? 'forAll' : 'kept'))
  return [{ ...fragment, selectionSet: setOf(kept) }, ...forAll]
}

/** Which type an object has must still be known. */
const typename: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }

const setOf = (selections: readonly SelectionNode[]): SelectionSetNode => ({
  kind: Kind.SELECTION_SET,
  selections,
})
