import {
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'
import { hash } from './random.ts'

/** An object of the made-up world: which of its type it is. */
export interface Thing {
  readonly __typename: string
  readonly n: number
}

export const isThing = (value: unknown): value is Thing =>
  typeof value === 'object' && value !== null && 'n' in value

/** Where a value is in the world: all who are asked for it give the same. */
export const seedOf = ({ __typename, n }: Thing, field: string, args: object): string =>
  `${__typename}.${field}(${JSON.stringify(sorted(args))})#${n}`

/** The object whose key has a value. */
export function thingOf(key: unknown): Thing | undefined {
  const [, n, name] = /:(\d+):(\w+)$/.exec(String(key)) ?? []
  return name === undefined ? undefined : { __typename: name, n: Number(n) }
}

/** How many objects there are of a type: few enough to meet some twice. */
const POPULATION = 7

/** The value of a field of an object: scalars, things, and lists of them. `whole` has all types of all subgraphs. */
export function valueOf(whole: GraphQLSchema, type: GraphQLOutputType, seed: string, of: Thing): unknown {
  if (isNonNullType(type)) return someOf(whole, type.ofType, seed, of)
  const isNull = hash(`null ${seed}`) % 8 === 0 && !isKeyLike(type, seed)
  return isNull ? null : someOf(whole, type, seed, of)
}

function someOf(whole: GraphQLSchema, type: GraphQLOutputType, seed: string, of: Thing): unknown {
  if (isNonNullType(type)) return someOf(whole, type.ofType, seed, of)
  if (isListType(type))
    return Array.from({ length: hash(`length ${seed}`) % 4 }, (_, index) =>
      valueOf(whole, type.ofType, `${seed}[${index}]`, of),
    )
  const value = hash(seed)
  if (isScalarType(type)) return scalarOf(type.name, seed, value, of)
  if (isEnumType(type)) return type.getValues()[value % type.getValues().length]?.name
  const n = value % POPULATION
  return { __typename: concreteName(whole, whole.getType(type.name) ?? type, n), n } satisfies Thing
}

/** Which type of an interface or a union an object has follows from its number. */
function concreteName(whole: GraphQLSchema, type: GraphQLNamedType, n: number): string {
  if (isObjectType(type)) return type.name
  const names =
    isInterfaceType(type) || isUnionType(type) ? whole.getPossibleTypes(type).map(({ name }) => name) : []
  return names.toSorted()[n % names.length] ?? ''
}

/** A field's name, in its seed, that keys are made of. */
const isKeyLike = (type: GraphQLOutputType, seed: string) =>
  isScalarType(type) && /\.(id|code|upc)\(/.test(seed)

function scalarOf(name: string, seed: string, value: number, { n, __typename }: Thing): unknown {
  const field = /\.(\w+)\(/.exec(seed)?.[1] ?? ''
  if (name === 'ID' || ['code', 'upc'].includes(field)) return `${field}:${n}:${__typename}`
  if (name === 'Int') return value % 1000
  if (name === 'Float') return (value % 1000) / 8
  if (name === 'Boolean') return value % 2 === 0
  return name === 'SafeInt' ? value : `${field} ${value % 100}`
}

/**
 * The value of a field that requires something: a text says what was given, anything else follows from it. So a
 * difference in what the gateway sent is one in the answer.
 */
export function valueOfGiven(
  whole: GraphQLSchema,
  type: GraphQLOutputType,
  { seed, of, given }: { readonly seed: string; readonly of: Thing; readonly given: object },
): unknown {
  const text = `${of.n} given ${JSON.stringify(sorted(given))}`
  return String(type).startsWith('String') ? text : valueOf(whole, type, `${seed} ${text}`, of)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  )
}
