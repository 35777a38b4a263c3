import { Kind, visit, type DocumentNode, type FragmentDefinitionNode, type SelectionNode } from 'graphql'
import { fragmentsOf } from '../fragments.ts'
import { OWN } from './source-keys.ts'

/**
 * Where @skip and @include may leave out all that is asked of an object, the planner leaves out the object, and null would
 * take the place of `{}`. Something is asked of it then in any case.
 */
export function withoutEmpty(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document)
  return visit(document, {
    Field: {
      leave(node) {
        const { selectionSet } = node
        if (!selectionSet?.selections.every((one) => mayBeLeftOut(one, fragments))) return undefined
        return {
          ...node,
          selectionSet: { ...selectionSet, selections: [...selectionSet.selections, anyway] },
        }
      },
    },
  })
}

/** The planner moves a plain `__typename` to where it sees fit. */
const anyway: SelectionNode = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: OWN },
  name: { kind: Kind.NAME, value: '__typename' },
}

function mayBeLeftOut(node: SelectionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): boolean {
  if (node.directives?.some(({ name: { value } }) => value === 'skip' || value === 'include')) return true
  if (node.kind === Kind.FIELD) return false
  const { selectionSet } = node.kind === Kind.INLINE_FRAGMENT ? node : (fragments.get(node.name.value) ?? {})
  return selectionSet?.selections.every((one) => mayBeLeftOut(one, fragments)) ?? false
}
