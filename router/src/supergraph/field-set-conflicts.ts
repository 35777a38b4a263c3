import {
  Kind,
  parse,
  print,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldNode,
  type SelectionSetNode,
} from 'graphql'

/** A subgraph's schema, as it is composed. */
export interface SubgraphSchema {
  readonly name: string
  readonly typeDefs: DocumentNode
}

const directives = ['key', 'requires', 'provides'] as const

/**
 * Says where the field sets of `@key`, `@requires` and `@provides` select one field with different arguments. Gateways
 * fetch it once, with the arguments of one of them, and silently give that value to all. The sets of all fields of a
 * type count together: one representation carries what any of them needs. (A supergraph that was composed elsewhere and
 * has such sets is planned rightly all the same: `executor/planned-supergraph.ts`.)
 */
export function fieldSetConflicts(subgraphs: readonly SubgraphSchema[]): string[] {
  return subgraphs.flatMap(({ name, typeDefs }) => {
    const needs = new Map<string, FieldSet[]>()
    const own: FieldSet[][] = []
    for (const set of fieldSetsOf(typeDefs)) {
      // What is provided belongs to the field's own type, so each set stands alone.
      if (set.directive === 'provides') own.push([set])
      else needs.set(set.type, [...(needs.get(set.type) ?? []), set])
    }
    return [...needs.values(), ...own].flatMap((sets) => conflictsIn(name, sets))
  })
}

interface FieldSet {
  /** The type whose fields are selected, or that has the field which provides them. */
  readonly type: string
  /** Such as `Product` or `Product.shipping`. */
  readonly place: string
  readonly directive: string
  readonly selection: SelectionSetNode
}

function fieldSetsOf(document: DocumentNode): FieldSet[] {
  const names = directiveNames(document)
  return document.definitions.flatMap((type) => {
    const hasFields =
      type.kind === Kind.OBJECT_TYPE_DEFINITION ||
      type.kind === Kind.OBJECT_TYPE_EXTENSION ||
      type.kind === Kind.INTERFACE_TYPE_DEFINITION ||
      type.kind === Kind.INTERFACE_TYPE_EXTENSION
    if (!hasFields) return []
    const { name, fields = [] } = type
    return [
      ...setsOn(type.directives, name.value, name.value),
      ...fields.flatMap((field) => setsOn(field.directives, name.value, `${name.value}.${field.name.value}`)),
    ]
  })

  function setsOn(nodes: readonly ConstDirectiveNode[] = [], type: string, place: string): FieldSet[] {
    return nodes.flatMap((node) => {
      const directive = names.get(node.name.value)
      const value = argumentOf(node, 'fields')
      const selection = directive && value?.kind === Kind.STRING ? parseSet(value.value) : undefined
      return directive && selection ? [{ type, place, directive, selection }] : []
    })
  }
}

/** What a schema calls the directives, by those names: without a `@link` their own, else as it says there. */
function directiveNames({ definitions }: DocumentNode): ReadonlyMap<string, string> {
  const link = definitions
    .flatMap((one) =>
      one.kind === Kind.SCHEMA_DEFINITION || one.kind === Kind.SCHEMA_EXTENSION ? (one.directives ?? []) : [],
    )
    .find((one) => /\/federation(\/v[\d.]+)?$/.test(textOfValue(argumentOf(one, 'url'))))
  if (!link) return new Map(directives.map((name) => [name, name]))
  const namespace = textOfValue(argumentOf(link, 'as')) || 'federation'
  const imports = argumentOf(link, 'import')
  const imported = (imports?.kind === Kind.LIST ? imports.values : []).map((one) => {
    if (one.kind !== Kind.OBJECT) return [textOfValue(one), textOfValue(one)] as const
    const [name, as] = ['name', 'as'].map(
      (key) => one.fields.find((field) => field.name.value === key)?.value,
    )
    return [textOfValue(as ?? name), textOfValue(name)] as const
  })
  return new Map([
    ...directives.map((name) => [`${namespace}__${name}`, name] as const),
    ...imported.flatMap(([as, name]) => {
      const directive = directives.find((one) => `@${one}` === name)
      return directive ? [[as.slice(1), directive] as const] : []
    }),
  ])
}

const argumentOf = (node: ConstDirectiveNode, name: string): ConstValueNode | undefined =>
  node.arguments?.find((one) => one.name.value === name)?.value

const textOfValue = (value: ConstValueNode | undefined): string =>
  value?.kind === Kind.STRING ? value.value : ''

/** What is no selection is left to the composition, which says so better. */
function parseSet(text: string): SelectionSetNode | undefined {
  try {
    const [operation] = parse(`{ ${text} }`, { noLocation: true }).definitions
    return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet : undefined
  } catch {
    return undefined
  }
}

function conflictsIn(subgraph: string, sets: readonly FieldSet[]): string[] {
  const seen = new Map<string, { readonly text: string; readonly set: FieldSet }>()
  const conflicts = new Set<string>()
  for (const set of sets) visitFields(set.selection, '', (path, field) => check(set, path, field))
  return [...conflicts]

  function check(set: FieldSet, path: string, field: FieldNode): void {
    const text = textOf(field)
    const first = seen.get(path)
    if (!first) seen.set(path, { text, set })
    else if (first.text !== text)
      conflicts.add(
        `[${subgraph}] "${path}" is selected as ${first.text} by @${first.set.directive} on ${first.set.place} and as ${text} by @${set.directive} on ${set.place}; a field has one value there`,
      )
  }
}

function visitFields(
  { selections }: SelectionSetNode,
  prefix: string,
  visit: (path: string, field: FieldNode) => void,
): void {
  for (const one of selections) {
    if (one.kind === Kind.FIELD) {
      const path = prefix + one.name.value
      visit(path, one)
      if (one.selectionSet) visitFields(one.selectionSet, `${path}.`, visit)
    } else if (one.kind === Kind.INLINE_FRAGMENT) {
      // Fields of two types may well differ.
      const condition = one.typeCondition ? `(${one.typeCondition.name.value})` : ''
      visitFields(one.selectionSet, prefix + condition, visit)
    }
  }
}

function textOf({ name, arguments: args = [] }: FieldNode): string {
  const sorted = args.map((argument) => print(argument)).toSorted()
  return sorted.length > 0 ? `${name.value}(${sorted.join(', ')})` : name.value
}
