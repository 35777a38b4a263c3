import {
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'

/** How large an operation is when its fragments are written out. Of a fragment bomb the counts are Infinity. */
export interface Measures {
  readonly depth: number
  readonly aliases: number
  readonly directives: number
  readonly fields: number
  readonly inputDepth: number
  /** Whether it asks for `__schema` or `__type`. */
  readonly introspects: boolean
}

const nothing: Measures = {
  depth: 0,
  aliases: 0,
  directives: 0,
  fields: 0,
  inputDepth: 0,
  introspects: false,
}

/**
 * Measures the operations of a document that need not be valid; null when a fragment contains itself. Every fragment is
 * looked at once, so the time is that of the text, not of what it expands to.
 */
export function measureOperations(
  document: DocumentNode,
): ReadonlyMap<OperationDefinitionNode, Measures & { readonly rootFields: number }> | null {
  const { definitions } = document
  const fragments = new Map(
    definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  )
  const measured = new Map<FragmentDefinitionNode, Measures | 'underway'>()
  const rootCounts = new Map<FragmentDefinitionNode, number>()
  let isCyclic = false

  for (const fragment of fragments.values()) ofFragment(fragment)
  if (isCyclic) return null
  return new Map(
    definitions
      .filter((one) => one.kind === Kind.OPERATION_DEFINITION)
      .map((one) => {
        const variables = (one.variableDefinitions ?? []).map(
          ({ directives = [], defaultValue }): Measures => ({
            ...nothing,
            directives: directives.length,
            inputDepth: defaultValue ? depthOf(defaultValue) : 0,
          }),
        )
        const own = { ...nothing, directives: one.directives?.length ?? 0 }
        const all = sum([own, ...variables, ofSet(one.selectionSet)])
        return [one, { ...all, rootFields: fieldsAt(one.selectionSet) }]
      }),
  )

  function ofFragment(fragment: FragmentDefinitionNode): Measures {
    const known = measured.get(fragment)
    if (known === 'underway') isCyclic = true
    if (known) return known === 'underway' ? nothing : known
    measured.set(fragment, 'underway')
    const own = { ...nothing, directives: fragment.directives?.length ?? 0 }
    const result = sum([own, ofSet(fragment.selectionSet)])
    measured.set(fragment, result)
    return result
  }

  function ofSet({ selections }: SelectionSetNode): Measures {
    return sum(selections.map(ofSelection))
  }

  function ofSelection(selection: SelectionNode): Measures {
    const directives = selection.directives ?? []
    const own = {
      ...nothing,
      directives: directives.length,
      inputDepth: deepest(directives.flatMap((one) => one.arguments ?? [])),
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return sum([own, ofSet(selection.selectionSet)])
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value)
      return fragment ? sum([own, ofFragment(fragment)]) : own
    }
    const inner = selection.selectionSet ? ofSet(selection.selectionSet) : nothing
    const name = selection.name.value
    return {
      depth: inner.depth + 1,
      aliases: inner.aliases + (selection.alias ? 1 : 0),
      directives: inner.directives + own.directives,
      fields: inner.fields + 1,
      inputDepth: Math.max(inner.inputDepth, own.inputDepth, deepest(selection.arguments ?? [])),
      introspects: inner.introspects || name === '__schema' || name === '__type',
    }
  }

  function fieldsAt({ selections }: SelectionSetNode): number {
    return selections.reduce((count, selection) => {
      if (selection.kind === Kind.FIELD) return count + 1
      if (selection.kind === Kind.INLINE_FRAGMENT) return count + fieldsAt(selection.selectionSet)
      const fragment = fragments.get(selection.name.value)
      if (!fragment) return count
      const known = rootCounts.get(fragment) ?? fieldsAt(fragment.selectionSet)
      rootCounts.set(fragment, known)
      return count + known
    }, 0)
  }
}

function sum(parts: readonly Measures[]): Measures {
  return parts.reduce(
    (total, part) => ({
      depth: Math.max(total.depth, part.depth),
      aliases: total.aliases + part.aliases,
      directives: total.directives + part.directives,
      fields: total.fields + part.fields,
      inputDepth: Math.max(total.inputDepth, part.inputDepth),
      introspects: total.introspects || part.introspects,
    }),
    nothing,
  )
}

const deepest = (args: readonly { readonly value: ValueNode }[]) =>
  args.reduce((most, { value }) => Math.max(most, depthOf(value)), 0)

function depthOf(value: ValueNode): number {
  if (value.kind === Kind.LIST) return 1 + value.values.reduce((most, one) => Math.max(most, depthOf(one)), 0)
  return value.kind === Kind.OBJECT ? 1 + deepest(value.fields) : 0
}
