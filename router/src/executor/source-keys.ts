import {
  isInterfaceType,
  isObjectType,
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
} from 'graphql'

/**
 * The key under which a field of a client's operation is fetched. Plans fetch keys and required fields beside what the
 * client asks, under their own names: an alias such as `price: name` would take the place of the price, in what is
 * sent to a subgraph, too.
 */
export type SourceKeyOf = (node: FieldNode) => string

const OWN = 'own__'

/** `schema` is what plans are made for. */
export function createSourceKeys(schema: GraphQLSchema): SourceKeyOf {
  const names = new Set(['__typename'])
  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type) || isInterfaceType(type)) for (const name in type.getFields()) names.add(name)
  return ({ name: { value: name }, alias }) => {
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
        return { ...node, alias: { kind: Kind.NAME, value: key } }
      },
    },
  })
