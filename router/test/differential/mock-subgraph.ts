import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  execute,
  GraphQLError,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  parse,
  type DocumentNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { z } from 'zod'
import { hash } from './random.ts'
import { requiredSets } from './required-sets.ts'
import { isThing, seedOf, thingOf, valueOf, valueOfGiven, type Thing } from './world.ts'

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

type Given = Readonly<Record<string, unknown>>

/** A thing as an entity, with what the gateway said of it. */
interface Entity extends Thing {
  readonly given: Given
}

const isEntity = (thing: Thing): thing is Entity => 'given' in thing

const givenOf = (thing: Thing): Given => (isEntity(thing) ? thing.given : {})

const bodySchema = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() })

/** A subgraph that knows the made-up world, as far as its schema goes. `whole` has the types of all. */
export function createMockSubgraph(sdl: string, whole: GraphQLSchema, faults: Faults): MockSubgraph {
  const schema = buildSubgraphSchema(parse(sdl))
  const required = requiredSets(sdl)
  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__')) mockFields(type)
    if ((isInterfaceType(type) || isUnionType(type)) && !type.name.startsWith('__'))
      type.resolveType = (value: unknown) => (isThing(value) ? knownName(value) : undefined)
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

  /** Where the subgraph has an @interfaceObject, it is asked for that. */
  function knownName(thing: Thing): string {
    const isKnown = isObjectType(schema.getType(thing.__typename))
    return isKnown ? thing.__typename : String(givenOf(thing).__typename)
  }

  function mockFields(type: GraphQLObjectType): void {
    for (const field of Object.values(type.getFields())) {
      if (field.name === '_entities') wrapEntities(field)
      else if (field.name !== '_service') {
        const needs = required.get(`${type.name}.${field.name}`)
        field.resolve = (parent: unknown, args: object) => {
          const of = isThing(parent) ? parent : { __typename: type.name, n: 0 }
          const seed = seedOf(of, field.name, args)
          if (isUnlucky(seed, faults))
            throw new GraphQLError('an accident', { extensions: { code: 'UNAVAILABLE' } })
          if (!needs) return valueOf(whole, field.type, seed, of)
          return valueOfGiven(whole, field.type, { seed, of, given: pick(givenOf(of), needs) })
        }
      }
    }
  }

  function wrapEntities(field: GraphQLField<unknown, unknown>): void {
    const argsSchema = z.object({ representations: z.array(z.looseObject({ __typename: z.string() })) })
    field.resolve = (_parent, args) =>
      argsSchema.parse(args).representations.map((given): Entity | null => {
        const thing = Object.values(given).flatMap((value) => thingOf(value) ?? [])[0]
        if (!thing) throw new GraphQLError(`no key is in ${JSON.stringify(given)}`)
        return isUnlucky(`entity ${given.__typename}#${thing.n}`, faults) ? null : { ...thing, given }
      })
  }
}

/** What is required, of what was given; says so where a field is not there. */
function pick(given: Given, { selections }: SelectionSetNode): object {
  return Object.fromEntries(
    selections.flatMap((one): (readonly [string, unknown])[] => {
      if (one.kind === Kind.FRAGMENT_SPREAD) return []
      // Which type an object has need not be told; what is of another is not there.
      if (one.kind === Kind.INLINE_FRAGMENT)
        return Object.entries(pick(given, one.selectionSet)).filter(([name]) => name in given)
      const { value: name } = one.name
      const { selectionSet } = one
      if (!(name in given)) return [[name, 'lacks']]
      return [[name, selectionSet ? pickInside(given[name], selectionSet) : given[name]]]
    }),
  )
}

function pickInside(value: unknown, set: SelectionSetNode): unknown {
  if (Array.isArray(value)) return value.map((item) => pickInside(item, set))
  return typeof value === 'object' && value !== null ? pick({ ...value }, set) : value
}

const isUnlucky = (seed: string, { oneIn }: Faults) => oneIn > 0 && hash(`fault ${seed}`) % oneIn === 0
