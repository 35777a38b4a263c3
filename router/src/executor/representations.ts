import type { QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner'
import { getOwn, isJsonObject, type JsonObject } from './json.ts'
import type { TypeConditions } from '../planning/type-conditions.ts'

/**
 * What a fetch needs of an object: its representation in JSON, as far as it is known; undefined when the fetch is not for
 * such an object. A plan asks for the needs of fields together, also where @skip, @include or the object's type leave out
 * the field that needs something: what is missing is left out then, and `gaps` gets the objects where it is.
 */
export type WriteRepresentation = (object: JsonObject, gaps: JsonObject[]) => string | undefined

/** Compiles the `requires` of a fetch; what it selects is worked out once for each type of object. */
export function compileRequires(
  selections: readonly QueryPlanSelectionNode[],
  conditions: TypeConditions,
): WriteRepresentation {
  const write = compileSelections(selections, conditions)
  return (object, gaps) => {
    const text = object.__typename ? write(object, gaps) : undefined
    // No selection is for this type.
    return text === '{}' ? undefined : text
  }
}

/** Undefined when nothing is known of what is required. */
type Write = (value: unknown, gaps: JsonObject[]) => string | undefined

interface RequiredField {
  /** Where the value is found. */
  readonly key: string
  /** What its service calls it, in JSON with a colon. */
  readonly label: string
  readonly write: Write | undefined
}

interface RequiredFields {
  readonly fields: readonly RequiredField[]
  /** Of an object whose type is all that is required, or nothing, it is known that it is there. */
  readonly isTypeOnly: boolean
}

/** Texts instead of objects that would be made into texts: a list of entities has hundreds. */
function compileSelections(selections: readonly QueryPlanSelectionNode[], conditions: TypeConditions): Write {
  const byType = new Map<unknown, RequiredFields>()
  const fieldsOf = (typename: unknown): RequiredFields => {
    const known = byType.get(typename)
    if (known) return known
    const fields = compileFields(collectFields(selections, typename, conditions), conditions)
    const required = { fields, isTypeOnly: fields.every(({ key }) => key === '__typename') }
    byType.set(typename, required)
    return required
  }
  return function write(value, gaps): string | undefined {
    if (value === null) return 'null'
    if (Array.isArray(value)) return `[${value.map((item) => write(item, gaps) ?? 'null').join()}]`
    if (!isJsonObject(value)) return undefined
    const { fields, isTypeOnly } = fieldsOf(value.__typename)
    let text = ''
    let isKnown = isTypeOnly
    for (const { key, label, write: writeInner } of fields) {
      const found = getOwn(value, key)
      const wanted = writeInner && found !== undefined ? writeInner(found, gaps) : textOf(found)
      if (wanted === undefined) gaps.push(value)
      else {
        text += text === '' ? label + wanted : `,${label}${wanted}`
        if (key !== '__typename') isKnown = true
      }
    }
    return isKnown ? `{${text}}` : undefined
  }
}

const textOf = (value: unknown): string | undefined => JSON.stringify(value)

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
      label: `${JSON.stringify(fields[0]?.name ?? key)}:`,
      write: inner.length > 0 ? compileSelections(inner, conditions) : undefined,
    }
  })
}
