import type { QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import { getOwn, isJsonObject, setOwn, type JsonObject } from './json.ts'
import type { TypeConditions } from './type-conditions.ts'

/** What a fetch needs of an object: its representation, or undefined when not all of it is known. */
export type ReadRepresentation = (object: JsonObject) => JsonObject | undefined

/** Compiles the `requires` of a fetch; what it selects is worked out once for each type of object. */
export function compileRequires(
  selections: readonly QueryPlanSelectionNode[],
  conditions: TypeConditions,
): ReadRepresentation {
  const read = compileSelections(selections, conditions)
  return (object) => {
    const representation = read(object)
    return isJsonObject(representation) && representation.__typename ? representation : undefined
  }
}

type Read = (value: unknown) => unknown

interface RequiredField {
  readonly key: string
  readonly read: Read | undefined
}

function compileSelections(selections: readonly QueryPlanSelectionNode[], conditions: TypeConditions): Read {
  const byType = new Map<unknown, readonly RequiredField[]>()
  const fieldsOf = (typename: unknown): readonly RequiredField[] => {
    const known = byType.get(typename)
    if (known) return known
    const fields = compileFields(collectFields(selections, typename, conditions), conditions)
    byType.set(typename, fields)
    return fields
  }
  return function read(value): unknown {
    if (value === null) return null
    if (Array.isArray(value)) {
      const items = value.map(read)
      return items.includes(undefined) ? undefined : items
    }
    if (!isJsonObject(value)) return undefined
    const representation: JsonObject = {}
    for (const field of fieldsOf(value.__typename)) {
      const found = getOwn(value, field.key)
      const wanted = field.read && found !== undefined ? field.read(found) : found
      if (wanted === undefined) return undefined
      setOwn(representation, field.key, wanted)
    }
    return representation
  }
}

function collectFields(
  selections: readonly QueryPlanSelectionNode[],
  typename: unknown,
  conditions: TypeConditions,
): QueryPlanFieldNode[] {
  return selections.flatMap((one) => {
    if (one.kind === 'Field') return [one]
    const applies = one.typeCondition === undefined || conditions(one.typeCondition).has(typename)
    return applies ? collectFields(one.selections, typename, conditions) : []
  })
}

function compileFields(
  nodes: readonly QueryPlanFieldNode[],
  conditions: TypeConditions,
): readonly RequiredField[] {
  const byKey = Map.groupBy(nodes, ({ alias, name }) => alias ?? name)
  return [...byKey].map(([key, fields]) => {
    const inner = fields.flatMap(({ selections }) => selections ?? [])
    return { key, read: inner.length > 0 ? compileSelections(inner, conditions) : undefined }
  })
}
