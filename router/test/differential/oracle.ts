import {
  buildSchema,
  execute,
  getArgumentValues,
  isAbstractType,
  isObjectType,
  Kind,
  type ExecutionResult,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import type { GeneratedOperation } from './generate-operation.ts'
import type { Graph } from './graphs.ts'
import { requiredSets } from './required-sets.ts'
import { isThing, seedOf, valueOf, valueOfGiven, type Thing } from './world.ts'

/** The types of all subgraphs, with what clients may not see. */
export const wholeSchema = (supergraphSdl: string): GraphQLSchema =>
  buildSchema(supergraphSdl, { assumeValid: true })

/**
 * What a graph must answer, without planner and subgraphs: one service that knows the whole world, and gives to each
 * field what it requires.
 */
export function createOracle(schema: GraphQLSchema, whole: GraphQLSchema, { schemas }: Graph) {
  const required = new Map(Object.values(schemas).flatMap((sdl) => [...requiredSets(sdl)]))
  return ({ document, variables }: GeneratedOperation): ExecutionResult | Promise<ExecutionResult> =>
    execute({
      schema,
      document,
      variableValues: variables,
      rootValue: null,
      fieldResolver: (parent: unknown, args: object, _context, { fieldName, parentType }) =>
        fieldOf(isThing(parent) ? parent : { __typename: parentType.name, n: 0 }, fieldName, args),
      typeResolver: (value) => (isThing(value) ? value.__typename : undefined),
    })

  function fieldOf(of: Thing, name: string, args: object): unknown {
    const type = typeOf(of)
    const field = type.getFields()[name]
    if (!field) throw new Error(`${type.name} has no ${name}`)
    const seed = seedOf(of, name, args)
    // What an @interfaceObject requires, it requires of all types of the interface.
    const owners = [type, ...type.getInterfaces()].map((one) => `${one.name}.${name}`)
    const needs = owners.map((one) => required.get(one)).find((one) => one !== undefined)
    if (!needs) return valueOf(whole, field.type, seed, of)
    return valueOfGiven(whole, field.type, { seed, of, given: select(of, needs) })
  }

  function select(of: Thing, { selections }: SelectionSetNode): object {
    const entries = selections.flatMap((one): (readonly [string, unknown])[] => {
      if (one.kind === Kind.FRAGMENT_SPREAD) return []
      if (one.kind === Kind.INLINE_FRAGMENT)
        return isOf(of, one.typeCondition?.name.value) ? Object.entries(select(of, one.selectionSet)) : []
      const { value: name } = one.name
      if (name === '__typename') return [[name, of.__typename]]
      const field = typeOf(of).getFields()[name]
      const value = field && fieldOf(of, name, getArgumentValues(field, one))
      return [[name, one.selectionSet ? selectIn(value, one.selectionSet) : value]]
    })
    return Object.fromEntries(entries)
  }

  function selectIn(value: unknown, set: SelectionSetNode): unknown {
    if (Array.isArray(value)) return value.map((item) => selectIn(item, set))
    return isThing(value) ? select(value, set) : value
  }

  function isOf({ __typename }: Thing, condition = __typename): boolean {
    const type = whole.getType(condition)
    if (!isAbstractType(type)) return __typename === condition
    return whole.getPossibleTypes(type).some(({ name }) => name === __typename)
  }

  function typeOf({ __typename }: Thing) {
    const type = whole.getType(__typename)
    if (!isObjectType(type)) throw new Error(`no object is a ${__typename}`)
    return type
  }
}
