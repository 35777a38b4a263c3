import {
  Kind,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type TypeNode,
} from 'graphql'

/** The object and interface types of a supergraph, as they are written. */
export interface SupergraphTypes {
  field(type: string, name: string): FieldDefinitionNode | undefined
  /** The types that have a field in common with a type, through interfaces; the type itself, too. */
  sharing(type: string, field: string): ReadonlySet<string>
  /** The name of the service that a `join__` directive speaks of. */
  serviceOf(directive: ConstDirectiveNode): string
}

export function createSupergraphTypes({ definitions }: DocumentNode): SupergraphTypes {
  const types = new Map(
    definitions.flatMap((one) =>
      one.kind === Kind.OBJECT_TYPE_DEFINITION || one.kind === Kind.INTERFACE_TYPE_DEFINITION
        ? [[one.name.value, one] as const]
        : [],
    ),
  )
  const services = new Map(
    definitions.flatMap((one) =>
      one.kind === Kind.ENUM_TYPE_DEFINITION && one.name.value === 'join__Graph'
        ? (one.values ?? []).map(({ name, directives = [] }) => [name.value, nameIn(directives)] as const)
        : [],
    ),
  )
  const field = (type: string, name: string) =>
    types.get(type)?.fields?.find((one) => one.name.value === name)
  const interfacesOf = (type: string) => types.get(type)?.interfaces?.map(({ name }) => name.value) ?? []

  return {
    field,
    sharing(type, name) {
      const found = new Set([type])
      // A set that grows while it is walked.
      for (const one of found)
        for (const other of types.keys()) {
          const isRelated = interfacesOf(one).includes(other) || interfacesOf(other).includes(one)
          if (isRelated && field(other, name)) found.add(other)
        }
      return found
    },
    serviceOf(directive) {
      const graph = argumentOf(directive, 'graph')
      return (graph?.kind === Kind.ENUM && services.get(graph.value)) || ''
    },
  }
}

export const argumentOf = (node: ConstDirectiveNode, name: string): ConstValueNode | undefined =>
  node.arguments?.find((one) => one.name.value === name)?.value

export const baseTypeOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : baseTypeOf(type.type)

function nameIn(directives: readonly ConstDirectiveNode[]): string {
  const name = directives.map((one) => argumentOf(one, 'name')).find((one) => one?.kind === Kind.STRING)
  return name?.kind === Kind.STRING ? name.value : ''
}
