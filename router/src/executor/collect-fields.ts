import {
  isAbstractType,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { IsIncluded } from './inclusion.ts'
import type { SourceKeyOf } from '../planning/source-keys.ts'

export interface CollectDeps {
  /** What clients see. */
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly isIncluded: IsIncluded
  readonly sourceKeyOf: SourceKeyOf
}

/**
 * The fields that selection sets ask of an object, by response key, in the order of the specification. `typename` may
 * be that of an interface: a subgraph with an @interfaceObject does not know what its objects are.
 */
export function collectFields(
  { schema, fragments, isIncluded }: Omit<CollectDeps, 'sourceKeyOf'>,
  typename: string,
  sets: readonly SelectionSetNode[],
): ReadonlyMap<string, readonly FieldNode[]> {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  for (const set of sets) collect(set)
  return fields

  function collect({ selections }: SelectionSetNode): void {
    for (const node of selections) {
      if (!isIncluded(node)) continue
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value
        const known = fields.get(key)
        if (known) known.push(node)
        else fields.set(key, [node])
        continue
      }
      if (node.kind === Kind.FRAGMENT_SPREAD) {
        if (visited.has(node.name.value)) continue
        visited.add(node.name.value)
      }
      const fragment = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value)
      if (fragment && applies(fragment.typeCondition?.name.value)) collect(fragment.selectionSet)
    }
  }

  function applies(condition: string | undefined): boolean {
    if (condition === undefined || condition === typename) return true
    const wanted = schema.getType(condition)
    const type = schema.getType(typename)
    if (!isAbstractType(wanted) || !type || !('getFields' in type) || !('getInterfaces' in type)) return false
    return schema.isSubType(wanted, type)
  }
}
