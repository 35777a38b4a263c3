import {
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
} from 'graphql'
import { argumentOf } from './supergraph-types.ts'

/**
 * The key under which a field of a client's operation is fetched. Plans fetch keys and required fields beside what the
 * client asks, under their own names: an alias such as `price: name` would take the place of the price, in what is
 * sent to a subgraph, too.
 *
 * A subgraph with an @interfaceObject gives what was asked of one type to all of them, so `... on Book { a: stars }
 * ... on Film { a: minutes }` must not have one key; and no planner copes with two keys of one field there. Where there are
 * such subgraphs, a field with its arguments has one key in an operation, whatever the client calls it.
 */
export type SourceKeyOf = (node: FieldNode) => string

/** What is fetched under keys of ours begins with this. */
export const OWN = 'own__'

/** `schema` is what plans are made for, of `supergraph`. The keys are those of one operation. */
export function createSourceKeys(
  schema: GraphQLSchema,
  supergraph: DocumentNode,
): (operation: DocumentNode) => SourceKeyOf {
  const names = new Set(['__typename'])
  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type) || isInterfaceType(type)) for (const name in type.getFields()) names.add(name)
  const mayMix = hasInterfaceObjects(supergraph)
  return (operation) => {
    if (!mayMix) return ownKeyOf
    const meanings = meaningsIn(operation)
    return (node) => {
      const { value: name } = node.name
      if (!node.arguments?.length) return name
      return `${OWN}${meanings.get(name)?.indexOf(meaningOf(node)) ?? ''}__${name}`
    }
  }

  function ownKeyOf({ name: { value: name }, alias }: FieldNode): string {
    const key = alias?.value ?? name
    return (key !== name && names.has(key)) || key.startsWith(OWN) ? OWN + key : key
  }
}

/** The operation as it is planned. */
export const withSourceKeys = (document: DocumentNode, keyOf: SourceKeyOf): DocumentNode =>
  visit(document, {
    Field: {
      leave(node) {
        const key = keyOf(node)
        if (key === (node.alias ?? node.name).value) return undefined
        return { ...node, alias: key === node.name.value ? undefined : { kind: Kind.NAME, value: key } }
      },
    },
  })

const meaningOf = ({ name, arguments: args = [] }: FieldNode): string =>
  [name.value, ...args.map((one) => print(one)).toSorted()].join(' ')

/** By its name, a field with the different arguments that it is given. */
function meaningsIn(document: DocumentNode): ReadonlyMap<string, readonly string[]> {
  const meanings = new Map<string, Set<string>>()
  visit(document, {
    Field(node) {
      const known = meanings.get(node.name.value) ?? new Set()
      meanings.set(node.name.value, known.add(meaningOf(node)))
    },
  })
  return new Map([...meanings].map(([name, known]) => [name, [...known]]))
}

const hasInterfaceObjects = ({ definitions }: DocumentNode): boolean =>
  definitions
    .flatMap((one) => (one.kind === Kind.INTERFACE_TYPE_DEFINITION ? (one.directives ?? []) : []))
    .some((one) => {
      const value = argumentOf(one, 'isInterfaceObject')
      return value?.kind === Kind.BOOLEAN && value.value
    })
