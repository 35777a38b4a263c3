import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  type GraphQLLeafType,
} from 'graphql'

/** The value as it goes to the client, or undefined when it is not of the type. Never called with null. */
export type CompleteLeaf = (value: unknown) => unknown

/** Values of custom scalars pass as they are: their subgraph serialised them. */
export function createCompleteLeaf(type: GraphQLLeafType): CompleteLeaf {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name))
    return (value) => (names.has(value) ? value : undefined)
  }
  return builtIn.get(type.name) ?? ((value) => value)
}

const MAX_INT = 2 ** 31 - 1
const MIN_INT = -(2 ** 31)

const builtIn: ReadonlyMap<string, CompleteLeaf> = new Map<string, CompleteLeaf>([
  [GraphQLString.name, (value) => (typeof value === 'string' ? value : undefined)],
  [GraphQLBoolean.name, (value) => (typeof value === 'boolean' ? value : undefined)],
  [GraphQLFloat.name, (value) => (typeof value === 'number' ? value : undefined)],
  [GraphQLInt.name, (value) => (isInt(value) ? value : undefined)],
  [GraphQLID.name, completeId],
])

const isInt = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value <= MAX_INT && value >= MIN_INT

function completeId(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return Number.isInteger(value) ? String(value) : undefined
}
