import { Kind, parse, type DocumentNode, type FieldNode, type SelectionSetNode } from 'graphql'
import type { SubgraphError } from './subgraph-client.ts'

/** More errors than this tell a client nothing new. */
const MAX_ERRORS = 100

/**
 * The errors of a fetch that failed as a whole, at every field that it was to bring, as if the subgraph had answered:
 * the gateway turns their paths into the client's.
 */
export function errorsOfFailedFetch(
  { query, entities }: { readonly query: string; readonly entities: number },
  error: { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> },
): SubgraphError[] {
  const { message, extensions } = error
  const paths = rootPaths(parse(query, { noLocation: true })).flatMap(([root, ...inner]) =>
    root === '_entities'
      ? Array.from({ length: Math.min(entities, MAX_ERRORS) }, (_, index) => [root, index, ...inner])
      : [[root ?? '']],
  )
  return paths.slice(0, MAX_ERRORS).map((path) => ({ message, path, extensions }))
}

function rootPaths(document: DocumentNode): string[][] {
  const operation = document.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION)
  const fragments = new Map(
    document.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one.selectionSet] as const] : [],
    ),
  )
  const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
    selections.flatMap((one) => {
      if (one.kind === Kind.FIELD) return one.name.value.startsWith('__') ? [] : [one]
      const set = one.kind === Kind.INLINE_FRAGMENT ? one.selectionSet : fragments.get(one.name.value)
      return set ? fieldsOf(set) : []
    })
  return (operation ? fieldsOf(operation.selectionSet) : []).flatMap((field) => {
    const key = keyOf(field)
    if (field.name.value !== '_entities' || !field.selectionSet) return [[key]]
    return [...new Set(fieldsOf(field.selectionSet).map(keyOf))].map((inner) => [key, inner])
  })
}

const keyOf = (field: FieldNode) => (field.alias ?? field.name).value
