import {
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type TypeNode,
  type ValueNode,
} from 'graphql'

/** How large an operation is when its fragments are written out. Of a fragment bomb the counts are Infinity. */
export interface Measures {
  /** Fields within fields. */
  readonly depth: number
  /** Fields and fragments within one another, which is what reading them by recursion has to survive. */
  readonly nesting: number
  readonly aliases: number
  readonly directives: number
  readonly fields: number
  /** Lists and objects within one another, in values and in types of variables. */
  readonly inputDepth: number
  /** Whether it asks for `__schema` or `__type`. */
  readonly introspects: boolean
}

const nothing: Measures = {
  depth: 0,
  nesting: 0,
  aliases: 0,
  directives: 0,
  fields: 0,
  inputDepth: 0,
  introspects: false,
}

export interface DefinitionMeasures extends Measures {
  /** 0 of a fragment, which may be used anywhere. */
  readonly rootFields: number
}

type Measured = ReadonlyMap<OperationDefinitionNode | FragmentDefinitionNode, DefinitionMeasures>

/**
 * Measures the operations of a document that need not be valid, and after them its fragments, used or not; null when a
 * fragment contains itself. Every fragment is looked at once, so the time is that of the text, not of what it expands to.
 * Throws a RangeError when the text is nested too deeply for that.
 */
export function measureDefinitions(document: DocumentNode): Measured | null {
  const operations = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION)
  const allFragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION)
  const fragments = new Map(allFragments.map((one) => [one.name.value, one]))
  const measured = new Map<FragmentDefinitionNode, Measures | 'underway'>()
  const rootCounts = new Map<FragmentDefinitionNode, number>()
  let isCyclic = false

  const measuredFragments = allFragments.map((one) => [one, { ...ofFragment(one), rootFields: 0 }] as const)
  if (isCyclic) return null
  return new Map<OperationDefinitionNode | FragmentDefinitionNode, DefinitionMeasures>([
    ...operations.map((one) => [one, ofOperation(one)] as const),
    ...measuredFragments,
  ])

  function ofOperation({ variableDefinitions = [], directives, selectionSet }: OperationDefinitionNode) {
    const variables = variableDefinitions.flatMap(({ type, defaultValue, directives }): Measures[] => [
      ofDirectives(directives),
      { ...nothing, inputDepth: Math.max(listsIn(type), defaultValue ? depthOf(defaultValue) : 0) },
    ])
    const all = sum([ofDirectives(directives), ...variables, ofSet(selectionSet)])
    return { ...all, rootFields: fieldsAt(selectionSet) }
  }

  function ofFragment(fragment: FragmentDefinitionNode): Measures {
    const known = measured.get(fragment)
    if (known === 'underway') isCyclic = true
    if (known) return known === 'underway' ? nothing : known
    measured.set(fragment, 'underway')
    const result = within(sum([ofDirectives(fragment.directives), ofSet(fragment.selectionSet)]))
    measured.set(fragment, result)
    return result
  }

  function ofSet({ selections }: SelectionSetNode): Measures {
    return sum(selections.map(ofSelection))
  }

  function ofSelection(selection: SelectionNode): Measures {
    const own = ofDirectives(selection.directives)
    if (selection.kind === Kind.INLINE_FRAGMENT) return sum([own, within(ofSet(selection.selectionSet))])
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value)
      return fragment ? sum([own, ofFragment(fragment)]) : own
    }
    const inner = selection.selectionSet ? ofSet(selection.selectionSet) : nothing
    const name = selection.name.value
    return {
      depth: inner.depth + 1,
      nesting: inner.nesting + 1,
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
      nesting: Math.max(total.nesting, part.nesting),
      aliases: total.aliases + part.aliases,
      directives: total.directives + part.directives,
      fields: total.fields + part.fields,
      inputDepth: Math.max(total.inputDepth, part.inputDepth),
      introspects: total.introspects || part.introspects,
    }),
    nothing,
  )
}

const within = (inner: Measures): Measures => ({ ...inner, nesting: inner.nesting + 1 })

const ofDirectives = (directives: readonly DirectiveNode[] = []): Measures => ({
  ...nothing,
  directives: directives.length,
  inputDepth: deepest(directives.flatMap((one) => one.arguments ?? [])),
})

const listsIn = (type: TypeNode): number =>
  type.kind === Kind.NAMED_TYPE ? 0 : listsIn(type.type) + (type.kind === Kind.LIST_TYPE ? 1 : 0)

const deepest = (args: readonly { readonly value: ValueNode }[]) =>
  args.reduce((most, { value }) => Math.max(most, depthOf(value)), 0)

function depthOf(value: ValueNode): number {
  if (value.kind === Kind.LIST) return 1 + value.values.reduce((most, one) => Math.max(most, depthOf(one)), 0)
  return value.kind === Kind.OBJECT ? 1 + deepest(value.fields) : 0
}
