import type { FetchNode } from '@apollo/query-planner'
import { Kind, parse, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql'
import { fragmentsOf } from '../fragments.ts'
import type { JsonObject } from './json.ts'
import type { TypeConditions } from '../planning/type-conditions.ts'

interface FetchedField {
  readonly key: string
  /** All must be met. */
  readonly conditions: readonly string[]
}

/** The fields that a fetch is to bring for an object, by the keys that they have in the answer. */
export function createFetchedFields(
  node: FetchNode,
  conditions: TypeConditions,
): (object: JsonObject) => readonly string[] {
  let fields: readonly FetchedField[] | undefined
  return ({ __typename: typename }) => {
    fields ??= readFields(node)
    const isMet = (condition: string) => typename === undefined || conditions(condition).has(typename)
    return [...new Set(fields.filter((one) => one.conditions.every(isMet)).map(({ key }) => key))]
  }
}

function readFields({ operation, requires, outputRewrites = [] }: FetchNode): FetchedField[] {
  const document = parse(operation, { noLocation: true })
  const root = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  const fragments = fragmentsOf(document)
  if (!root) return []
  const entities = root.selectionSet.selections.find((one) => one.kind === Kind.FIELD)?.selectionSet
  const found = fieldsIn(requires ? entities : root.selectionSet, fragments, [])
  const renamed = new Map(
    outputRewrites.flatMap((one) =>
      one.kind === 'KeyRenamer' ? [[one.path.at(-1), one.renameKeyTo] as const] : [],
    ),
  )
  return found.map(({ key, conditions }) => ({ key: renamed.get(key) ?? key, conditions }))
}

function fieldsIn(
  set: SelectionSetNode | undefined,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  conditions: readonly string[],
): FetchedField[] {
  return (set?.selections ?? []).flatMap((one) => {
    if (one.kind === Kind.FIELD) {
      const isName = one.name.value === '__typename'
      return isName ? [] : [{ key: (one.alias ?? one.name).value, conditions }]
    }
    const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : fragments.get(one.name.value)
    const condition = fragment?.typeCondition?.name.value
    return fieldsIn(fragment?.selectionSet, fragments, condition ? [...conditions, condition] : conditions)
  })
}
