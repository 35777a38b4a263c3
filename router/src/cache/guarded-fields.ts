import { Kind, parse, type ConstDirectiveNode } from 'graphql'

/**
 * Names of fields whose value may depend on who asks, by the access directives of a supergraph. What asks for one of them
 * is never kept, whatever a subgraph says: only it knows to whom it has given it.
 */
export function collectGuardedFields(supergraphSdl: string): ReadonlySet<string> {
  const guarded = new Set<string>()
  for (const definition of parse(supergraphSdl, { noLocation: true }).definitions) {
    const isType =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION
    if (!isType) continue
    const isWhole = isGuarded(definition.directives)
    for (const { name, directives } of definition.fields ?? [])
      if (isWhole || isGuarded(directives)) guarded.add(name.value)
  }
  return guarded
}

const isGuarded = (directives: readonly ConstDirectiveNode[] = []) =>
  directives.some(({ name }) => /(^|__)(authenticated|requiresScopes|policy)$/.test(name.value))
