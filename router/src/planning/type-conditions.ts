import { isAbstractType, isInterfaceType, type GraphQLSchema } from 'graphql'

/** The names of the types whose objects meet a type condition: the type itself, its implementations, its members. */
export type TypeConditions = (condition: string) => ReadonlySet<unknown>

/** `schema` is the whole supergraph: plans speak of types that clients may not see. */
export function createTypeConditions(schema: GraphQLSchema): TypeConditions {
  const known = new Map<string, ReadonlySet<unknown>>()
  return (condition) => {
    const names = known.get(condition) ?? namesOf(schema, condition)
    known.set(condition, names)
    return names
  }
}

function namesOf(schema: GraphQLSchema, condition: string): ReadonlySet<string> {
  const type = schema.getType(condition)
  const names = new Set([condition])
  if (!isAbstractType(type)) return names
  for (const { name } of schema.getPossibleTypes(type)) names.add(name)
  // An object of a subgraph's @interfaceObject says that it is of the interface.
  if (isInterfaceType(type))
    for (const { name } of schema.getImplementations(type).interfaces) names.add(name)
  return names
}
