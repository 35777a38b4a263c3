import { composeServices } from '@apollo/composition'
import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph } from '@apollo/federation-internals'
import { collectRules } from '@mall/access'
import { GraphQLError, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createPrepare } from '../pipeline/prepare.ts'
import { limitsSchema } from './config.ts'
import { problemOfInput } from './hostile-input.ts'
import { readWeights } from './weights.ts'

const typeDefs = parse('type Query { a(v: [Int]): Query, b(v: String): Int }')
const { supergraphSdl = '' } = composeServices([{ name: 'a', url: 'http://a', typeDefs }])
const prepare = createPrepare({
  schema: Supergraph.build(supergraphSdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES })
    .apiSchema()
    .toGraphQLJSSchema(),
  rules: collectRules(supergraphSdl),
  weights: readWeights(supergraphSdl),
  limits: limitsSchema.parse({}),
  suggestions: false,
})

function refusalOf(text: string): string {
  const prepared = prepare(text, null)
  if ('document' in prepared) throw new Error('it was not refused')
  for (const error of prepared) expect(error).toBeInstanceOf(GraphQLError)
  return prepared.map(({ message }) => message).join(' ')
}
const nested = (open: string, depth: number, inner = '', close = '}') =>
  open.repeat(depth) + inner + close.repeat(depth)
const list = (depth: number) => nested('[', depth, '', ']')

describe('a document nested as deeply as its tokens allow', () => {
  const depths = [300, 600, 1_000, 1_200, 1_400, 1_600, 2_000, 2_400, 4_900]
  const twice = (of: (depth: number) => string) => (depth: number) =>
    `{ ...F } fragment F on Query { ${of(depth)} } fragment F on Query { b }`
  it.each<[string, (depth: number) => string]>([
    ['fields', (depth) => `{${nested('a{', depth, 'b')}}`],
    ['inline fragments', (depth) => `{${nested('...{', depth, 'b')}}`],
    [
      'fragments',
      (depth) =>
        `{...F0} ${Array.from({ length: depth }, (_, i) => `fragment F${i} on Query{...F${i + 1}}`).join(' ')}
        fragment F${depth} on Query{b}`,
    ],
    ['lists', (depth) => `{ a(v: ${list(depth)}) { b } }`],
    ['objects', (depth) => `{ a(v: ${nested('{a:', depth, '1')}) { b } }`],
    ['lists in a default', (depth) => `query ($v: [Int] = ${list(depth)}) { a(v: $v) { b } }`],
    ['lists in a type', (depth) => `query ($v: ${nested('[', depth, 'Int', ']')}) { a(v: $v) { b } }`],
    ['lists in a directive', (depth) => `query @skip(if: ${list(depth)}) { b }`],
    ['a fragment that is not used', (depth) => `{ b } fragment F on Query {${nested('a{', depth, 'b')}}`],
    ['inline fragments under a name twice', twice((depth) => nested('...{', depth, 'b'))],
    ['lists under a name twice', twice((depth) => `b(v: ${list(depth)}) b(v: ${list(depth)})`)],
    ['what no operation holds', (depth) => `{ b } type A @skip(if: ${list(depth)}) { a: Int }`],
  ])('is refused: %s', (_what, of) => {
    for (const depth of depths) expect(refusalOf(of(depth))).not.toBe('')
  })
})

describe('a document that is wide', () => {
  it.each([
    ['equal fields', `{ a { ${'b '.repeat(1_999)} } }`],
    ['equal fields in a fragment that is not used', `{ b } fragment F on Query { ${'b '.repeat(9_900)} }`],
    ['equal arguments', `{ a { ${'b(v: "a") '.repeat(1_600)} } }`],
    ['operations', Array.from({ length: 2_400 }, (_, i) => `query A${i} { b }`).join(' ')],
    ['tokens', `{ ${'b '.repeat(10_000)} }`],
    [
      'a fragment bomb',
      `{ ...F0 } ${Array.from({ length: 40 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(' ')}
      fragment F40 on Query { b }`,
    ],
    [
      'a fragment bomb without a field',
      `{ ...F0 } ${Array.from({ length: 600 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(' ')}
      fragment F600 on Query { ...Missing }`,
    ],
  ])('is refused in a moment: %s', (_what, text) => {
    const start = performance.now()
    expect(refusalOf(text)).not.toBe('')
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})

it('of a fragment bomb no count is told', () => {
  const bomb = Array.from({ length: 40 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)
  expect(refusalOf(`{ a { ...F0 } } ${bomb.join(' ')} fragment F40 on Query { b }`)).toBe(
    'The operation has very many fields; 2000 are allowed.',
  )
})

describe('a document', () => {
  it.each([
    ['{ __proto__: b }', '"__proto__" is not a name to use.'],
    ['query __proto__ { b }', '"__proto__" is not a name to use.'],
    ['{ b(v: "a\\u0000") }', 'A string holds a null character.'],
  ])('with hostile names or strings is refused: %s', (text, message) => {
    expect(refusalOf(text)).toContain(message)
  })

  it('without them is not', () => {
    expect(prepare('query proto { __typename b(v: "a\\u0001") }', null)).toHaveProperty('document')
  })
})

describe('variables', () => {
  const deep = (depth: number): unknown => JSON.parse(nested('[', depth, '', ']'))

  it.each([
    [{ a: 'b\0' }, 'The variables hold a null character.'],
    [{ a: [{ 'b\0': 1 }] }, 'The variables hold a null character.'],
    [{ a: deep(20) }, 'The variables are nested too deeply.'],
    [{ a: deep(5_000) }, 'The variables are nested too deeply.'],
  ])('are refused when reading them is not safe', (variables, problem) => {
    expect(problemOfInput(variables, 20)).toBe(problem)
  })

  it('are read otherwise', () => {
    expect(problemOfInput({ a: deep(19), b: ['c', null, 1, true, { d: 'é' }] }, 20)).toBeNull()
  })
})
