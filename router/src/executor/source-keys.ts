import {
  isInterfaceType,
  isObjectType,
  Kind,
  parse,
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

/** `schema` and `sdl` are the whole supergraph's. */
export function createSourceKeys(schema: GraphQLSchema, sdl: string): SourceKeyOf {
  const names = new Set(['__typename'])
  for (const type of Object.values(schema.getTypeMap()))
    if (isObjectType(type) || isInterfaceType(type)) for (const name in type.getFields()) names.add(name)
  const withArguments = requiredWithArguments(sdl)
  return ({ name: { value: name }, alias }) => {
    const key = alias?.value ?? name
    // What a subgraph requires with its arguments is not what a client gets for others.
    const mayMeet = key === name ? withArguments.has(name) : names.has(key)
    return mayMeet || key.startsWith(OWN) ? OWN + key : key
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

/** Names of fields that a `@requires` selects with arguments. */
function requiredWithArguments(sdl: string): ReadonlySet<string> {
  const names = new Set<string>()
  visit(parse(sdl, { noLocation: true }), {
    Directive(node) {
      if (node.name.value !== 'join__field') return
      const value = node.arguments?.find(({ name }) => name.value === 'requires')?.value
      if (value?.kind !== Kind.STRING) return
      visit(parse(`{ ${value.value} }`, { noLocation: true }), {
        Field(field) {
          if (field.arguments?.length) names.add(field.name.value)
        },
      })
    },
  })
  return names
}
