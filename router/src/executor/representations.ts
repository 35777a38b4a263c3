import type { QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import { getOwn, isJsonObject, setOwn, type JsonObject } from './json.ts'
import type { TypeConditions } from './type-conditions.ts'

/**
 * What a fetch needs of an object: its representation, as far as it is known; undefined when the fetch is not for such
 * an object. A plan asks for the needs of fields together, also where @skip, @include or the object's type leave out
 * the field that needs something: what is missing is left out then, and `gaps` gets the objects where it is.
 */
export type ReadRepresentation = (object: JsonObject, gaps: JsonObject[]) => JsonObject | undefined

/** Compiles the `requires` of a fetch; what it selects is worked out once for each type of object. */
export function compileRequires(
  selections: readonly QueryPlanSelectionNode[],
  conditions: TypeConditions,
): ReadRepresentation {
  const read = compileSelections(selections, conditions)
  return (object, gaps) => {
    const representation = read(object, gaps)
    return isJsonObject(representation) && representation.__typename ? representation : undefined
  }
}

/** Undefined when nothing is known of what is required. */
type Read = (value: unknown, gaps: JsonObject[]) => unknown

interface RequiredField {
  /** Where the value is found. */
  readonly key: string
  /** What its service calls it. */
  readonly name: string
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
  return function read(value, gaps): unknown {
    if (value === null) return null
    if (Array.isArray(value)) return value.map((item) => read(item, gaps) ?? null)
    if (!isJsonObject(value)) return undefined
    const representation: JsonObject = {}
    const fields = fieldsOf(value.__typename)
    // Of an object whose type is all that is required, or nothing, it is known that it is there.
    let isKnown = fields.every(({ key }) => key === '__typename')
    for (const { key, name, read: readInner } of fields) {
      const found = getOwn(value, key)
      const wanted = readInner && found !== undefined ? readInner(found, gaps) : found
      if (wanted === undefined) gaps.push(value)
      else setOwn(representation, name, wanted)
      if (wanted !== undefined && key !== '__typename') isKnown = true
    }
    return isKnown ? representation : undefined
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
    return {
      key,
      name: fields[0]?.name ?? key,
      read: inner.length > 0 ? compileSelections(inner, conditions) : undefined,
    }
  })
}
