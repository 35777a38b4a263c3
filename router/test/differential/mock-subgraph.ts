import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  execute,
  GraphQLError,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  Kind,
  parse,
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql'
import { z } from 'zod'
import { hash } from './random.ts'

/** Answers like a service, without a network. */
export interface MockSubgraph {
  answer(body: string): Promise<MockAnswer>
}

export interface MockAnswer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly {
    message: string
    path?: (string | number)[]
    extensions?: Record<string, unknown>
  }[]
}

export interface Faults {
  /** One in so many fields throws, and one in so many entities is not found; 0 for none. */
  readonly oneIn: number
}

/** An object of the made-up world: which of its type it is, and what the gateway said of it. */
interface Thing {
  readonly __typename: string
  readonly n: number
  readonly given: Readonly<Record<string, unknown>>
}

const bodySchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() })

/**
 * A subgraph whose every value follows from the type, the field and the number of the object: all subgraphs agree
 * without knowing of each other. A field with @requires says what it was given.
 */
export function createMockSubgraph(sdl: string, faults: Faults = { oneIn: 0 }): MockSubgraph {
  const schema = buildSubgraphSchema(parse(sdl))
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__')) mockFields(schema, type, faults)
    if ((isInterfaceType(type) || isUnionType(type)) && !type.name.startsWith('_'))
      type.resolveType = (value: unknown) => (isThing(value) ? value.__typename : undefined)
  }
  const parsed = new Map<string, DocumentNode>()
  return {
    async answer(body) {
      const { query, variables } = bodySchema.parse(JSON.parse(body))
      const document = parsed.get(query) ?? parse(query)
      parsed.set(query, document)
      const result = await execute({ schema, document, variableValues: variables ?? {} })
      return JSON.parse(JSON.stringify(result)) as MockAnswer
    },
  }
}

const isThing = (value: unknown): value is Thing =>
  typeof value === 'object' && value !== null && 'n' in value

function mockFields(schema: GraphQLSchema, type: GraphQLObjectType, faults: Faults): void {
  for (const field of Object.values(type.getFields())) {
    if (field.name === '_entities') wrapEntities(schema, field, faults)
    else if (field.name !== '_service') {
      const required = requiredBy(field)
      field.resolve = (parent: unknown, args) => {
        const thing = isThing(parent) ? parent : { __typename: type.name, n: 0, given: {} }
        const seed = `${thing.__typename}.${field.name}(${JSON.stringify(args)})#${thing.n}`
        if (isUnlucky(seed, faults))
          throw new GraphQLError('an accident', { extensions: { code: 'UNAVAILABLE' } })
        if (required) return describeGiven(thing, required)
        return mockValue(schema, field.type, seed, thing.n)
      }
    }
  }
}

/** The names of what a field requires; undefined when it requires nothing. */
function requiredBy({ astNode }: GraphQLField<unknown, unknown>): string[] | undefined {
  const directive = astNode?.directives?.find(({ name }) => name.value === 'requires')
  const value = directive?.arguments?.[0]?.value
  if (value?.kind !== Kind.STRING) return undefined
  const [operation] = parse(`{ ${value.value} }`).definitions
  const selections = operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : []
  return selections.flatMap((one) => (one.kind === Kind.FIELD ? [one.name.value] : []))
}

/** So that a difference in what the gateway sent is one in the answer. */
function describeGiven({ n, given }: Thing, required: readonly string[]): string {
  const lacks = required.filter((name) => !(name in given)).map((name) => ` lacks ${name}`)
  return `${n} given ${JSON.stringify(sorted(given))}${lacks.join('')}`
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

function wrapEntities(schema: GraphQLSchema, field: GraphQLField<unknown, unknown>, faults: Faults): void {
  const argsSchema = z.object({ representations: z.array(z.looseObject({ __typename: z.string() })) })
  field.resolve = (_parent, args) =>
    argsSchema.parse(args).representations.map((given) => {
      const type = schema.getType(given.__typename)
      if (!isObjectType(type) && !isInterfaceType(type))
        throw new GraphQLError(`what is a ${given.__typename}?`)
      const key = Object.entries(given).find(
        ([name, value]) => name !== '__typename' && /:\d+$/.test(String(value)),
      )
      const n = Number(String(key?.[1]).split(':').at(-1))
      const thing: Thing = { __typename: concreteName(schema, type, n), n, given }
      return isUnlucky(`entity ${given.__typename}#${thing.n}`, faults) ? null : thing
    })
}

const isUnlucky = (seed: string, { oneIn }: Faults) => oneIn > 0 && hash(`fault ${seed}`) % oneIn === 0

/** How many objects there are of a type: few enough to meet some twice. */
const POPULATION = 7

function mockValue(schema: GraphQLSchema, type: GraphQLOutputType, seed: string, n: number): unknown {
  if (isNonNullType(type)) return mockSome(schema, type.ofType, seed, n)
  return hash(`null ${seed}`) % 8 === 0 && !isKeyLike(type, seed) ? null : mockSome(schema, type, seed, n)
}

function mockSome(schema: GraphQLSchema, type: GraphQLOutputType, seed: string, n: number): unknown {
  if (isNonNullType(type)) return mockSome(schema, type.ofType, seed, n)
  if (isListType(type))
    return Array.from({ length: hash(`length ${seed}`) % 4 }, (_, index) =>
      mockValue(schema, type.ofType, `${seed}[${index}]`, n),
    )
  const value = hash(seed)
  if (isScalarType(type)) return mockScalar(type.name, seed, value, n)
  if (isEnumType(type)) return type.getValues()[value % type.getValues().length]?.name
  const number = value % POPULATION
  return { __typename: concreteName(schema, type, number), n: number, given: {} } satisfies Thing
}

/** Which type of an interface or a union an object has follows from its number, so that all agree. */
function concreteName(schema: GraphQLSchema, type: GraphQLOutputType, n: number): string {
  if (isObjectType(type)) return type.name
  const names =
    isInterfaceType(type) || isUnionType(type) ? schema.getPossibleTypes(type).map(({ name }) => name) : []
  return names.toSorted()[n % names.length] ?? ''
}

/** A field's name, in its seed, that keys are made of. */
const isKeyLike = (type: GraphQLOutputType, seed: string) =>
  isScalarType(type) && /\.(id|code|upc)\(/.test(seed)

function mockScalar(name: string, seed: string, value: number, n: number): unknown {
  const field = /\.(\w+)\(/.exec(seed)?.[1] ?? ''
  if (name === 'ID' || ['code', 'upc'].includes(field)) return `${field}:${n}`
  if (name === 'Int') return value % 1000
  if (name === 'Float') return (value % 1000) / 8
  if (name === 'Boolean') return value % 2 === 0
  return name === 'SafeInt' ? value : `${field} ${value % 100}`
}
