import { composeServices } from '@apollo/composition'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { getOperationAST, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { compileCost, costWith } from './cost.ts'
import { readWeights } from './weights.ts'

const typeDefs = (link: string) => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${link}])
  type Query {
    thing: Thing
    dear: Thing @price(weight: 7)
    things: [Thing!]!
    assumed: [Thing] @listSize(assumedSize: 3)
    page(first: Int = 20, last: Int): Page
      @listSize(slicingArguments: ["first", "last"], sizedFields: ["edges"], requireOneSlicingArgument: false)
    strict(first: Int, last: Int): [Thing] @listSize(slicingArguments: ["first", "last"])
    found: [Found!]
    named: [Named]
    search(in: In, plain: Int @price(weight: 4)): Int
    heavy: Heavy
    any: Any
    priced: [Priced]
    scan: Scan
  }
  type Mutation { change: Thing cheap: Thing @price(weight: 2) }
  type Thing implements Named { id: ID! name: String thing: Thing more: [Thing] }
  type Other implements Named { name: String things: [Thing!] }
  type Page { edges: [Edge!] total: Int }
  type Edge { node: Thing }
  interface Named { name: String }
  union Found = Thing | Other
  union Any = Thing | Heavy
  interface Priced { price: Int thing: Thing }
  type Offer implements Priced { price: Int @price(weight: 6) thing: Thing @price(weight: 0) }
  type Gift implements Priced { price: Int thing: Thing }
  input In { a: Int @price(weight: 2) inner: In list: [In] }
  type Heavy @price(weight: 30) { id: ID }
  scalar Scan @price(weight: 5)`
const renamed = typeDefs('{ name: "@cost", as: "@price" }, "@listSize"')
const plain = typeDefs('"@cost", "@listSize"').replaceAll('@price', '@cost')

const compose = (sdl: string) => {
  const { supergraphSdl, errors } = composeServices([{ name: 'a', url: 'http://a', typeDefs: parse(sdl) }])
  if (!supergraphSdl) throw new Error(String(errors))
  return supergraphSdl
}
const supergraphSdl = compose(renamed)
const schema = Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
  .apiSchema()
  .toGraphQLJSSchema()
const weights = readWeights(supergraphSdl)

function compile(text: string, of = weights) {
  const document = parse(text)
  expect(validate(schema, document, specifiedRules)).toEqual([])
  const operation = getOperationAST(document)
  if (!operation) throw new Error('there is no operation')
  return compileCost(document, operation, { schema, weights: of, assumedListSize: 10, mutationCost: 10 })
}

function costOf(text: string, variables = {}) {
  const cost = compile(text)
  if (typeof cost === 'object') throw new Error(String(cost))
  return costWith(cost, variables)
}

describe('cost', () => {
  it.each([
    ['objects cost 1, scalars nothing', '{ thing { id name } }', 1],
    ['a list costs as many items as are assumed', '{ things { id thing { id } } }', 20],
    ['lists in lists multiply', '{ things { more { id } } }', 110],
    ['@listSize says how many', '{ assumed { id more { id } } }', 3 + 30],
    ['@cost of a field counts instead of its type', '{ dear { id } }', 7],
    ['@cost of a type counts', '{ heavy { id } scan }', 35],
    [
      'a slicing argument sizes lists further in',
      '{ page(first: 5) { total edges { node { id } } } }',
      1 + 5 * 2,
    ],
    ['the default of a slicing argument counts', '{ page { edges { node { id } } } }', 1 + 20 * 2],
    ['the largest of several counts', '{ page(first: 5, last: 7) { edges { node { id } } } }', 1 + 7 * 2],
    ['a negative size is none', '{ page(first: -5) { edges { node { id } } } }', 1],
    [
      'each root field of a mutation costs 10',
      'mutation { change { thing { id } } b: change { id } cheap { id } }',
      11 + 10 + 2,
    ],
    [
      'a fragment costs wherever it is spread',
      '{ a: thing { ...F } b: thing { ...F } } fragment F on Thing { thing { id } }',
      4,
    ],
    [
      'what is merged costs once',
      '{ thing { thing { id } } ...F } fragment F on Query { thing { thing { name } } }',
      2,
    ],
    [
      'of a union the dearest member counts',
      '{ found { ... on Thing { thing { id } } ... on Other { things { id } } } }',
      10 * (1 + 10),
    ],
    ['of a union whose members cost, the dearest counts', '{ any { ... on Thing { id } } }', 30],
    [
      'of an interface whose members say so, the dearest field counts',
      '{ priced { price thing { id } } }',
      10 * 8,
    ],
    [
      'null leaves a size to the service',
      '{ page(first: null, last: null) { edges { node { id } } } }',
      1 + 10 * 2,
    ],
    ['a size beside null counts', '{ page(first: null, last: 3) { edges { node { id } } } }', 1 + 3 * 2],
    [
      'what members share is added',
      '{ named { name ... on Thing { thing { id } } ... on Thing { more { id } } } }',
      10 * (1 + 1 + 10),
    ],
    [
      'arguments cost what they say',
      '{ search(in: { a: 1, inner: { a: 2 }, list: [{ a: 1 }, { a: 1 }] }, plain: 1) }',
      12,
    ],
    ['arguments that are not given cost nothing', '{ search }', 0],
    ['the schema of the schema costs nothing', '{ __schema { types { name } } __typename }', 0],
  ])('%s', (_what, text, cost) => {
    expect(costOf(text)).toBe(cost)
  })

  it('is a number at once where it holds no variable of a size', () => {
    expect(compile('query ($with: Boolean!) { thing @include(if: $with) { id } }')).toBe(1)
  })

  it('follows variables', () => {
    const text = 'query ($n: Int, $in: In) { page(first: $n) { edges { node { id } } } search(in: $in) }'
    expect(costOf(text, { n: 3 })).toBe(1 + 6)
    expect(costOf(text, { n: 1_000 })).toBe(1 + 2_000)
    expect(costOf(text)).toBe(1 + 40)
    expect(costOf('query ($n: Int) { strict(first: $n) { id } }')).toBe(10)
    expect(costOf('query ($n: Int = 4) { strict(first: $n) { id } }', { n: 4 })).toBe(4)
    expect(costOf(text, { n: 1, in: { a: 1, list: [{ a: 2 }] } })).toBe(1 + 2 + 4)
  })

  it('asks for exactly one slicing argument where @listSize does', () => {
    expect(compile('{ strict(first: 2) { id } }')).toBe(2)
    for (const text of ['{ strict { id } }', '{ strict(first: 1, last: 2) { id } }'])
      expect(compile(text)).toMatchObject([
        {
          message: '"strict" takes exactly one of these arguments: first, last.',
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ])
  })

  it('is read under whatever names a supergraph has for the directives', () => {
    expect(readWeights(compose(plain))).toEqual(weights)
    expect(weights.costs.get('Query.search(plain:)')).toBe(4)
    const none = readWeights(compose('type Query { a: Int }'))
    expect([none.costs.size, none.sizes.size]).toEqual([0, 0])
  })
})
