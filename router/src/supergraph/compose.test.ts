import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compose } from './compose.ts'
import { stripSupergraph } from '../testing/strip-supergraph.ts'
import { subgraphUrlsOf } from './subgraph-urls.ts'

const link = (imports: string, more = '') =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}] ${more})`
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function composeOf(schemas: Record<string, string>) {
  const lines = Object.keys(schemas).map(
    (name) =>
      `  ${name}:\n    routing_url: http://${name}.test/graphql\n    schema: { file: ./${name}.graphql }`,
  )
  for (const [name, text] of Object.entries(schemas)) await writeFile(join(folder, `${name}.graphql`), text)
  await writeFile(join(folder, 'supergraph.yaml'), `subgraphs:\n${lines.join('\n')}\n`)
  return compose(join(folder, 'supergraph.yaml'))
}

describe('composition', () => {
  it('joins the schemas that the file names, with their URLs', async () => {
    const { supergraphSdl } = await composeOf({ a: 'type Query { a: Int }', b: 'type Query { b: Int }' })
    expect(subgraphUrlsOf(supergraphSdl)).toEqual(
      new Map([
        ['a', 'http://a.test/graphql'],
        ['b', 'http://b.test/graphql'],
      ]),
    )
  })

  it('fails with every error', async () => {
    const schemas = { a: 'type Query { x: Int y: Int }', b: 'type Query { x: String y: Int }' }
    await expect(composeOf(schemas)).rejects.toThrow(
      /does not compose[^]*x[^]*INVALID_FIELD_SHARING|FIELD_TYPE_MISMATCH/,
    )
  })

  it('fails on hints: an input field that one subgraph lacks would vanish', async () => {
    const a = `${link('"@shareable"')} input I { one: Int two: Int } type Query @shareable { q(i: I): Int }`
    const b = `${link('"@shareable"')} input I { one: Int } type Query @shareable { q(i: I): Int }`
    await expect(composeOf({ a, b })).rejects.toThrow('INCONSISTENT_INPUT_OBJECT_FIELD')
  })

  it('refuses one field with different arguments in what an entity needs, and says where', async () => {
    const a = `${link('"@key"')} type Query { p: P } type P @key(fields: "id") { id: ID! price(in: String): Int }`
    const b = (x: string, y: string) =>
      `${link('"@key", "@external", "@requires"')} type P @key(fields: "id") { id: ID! price(in: String): Int @external
        x: Int @requires(fields: "${x}") y: Int @requires(fields: "${y}") }`
    const [euro, dollar] = ['price(in: \\"EUR\\")', 'price(in: \\"USD\\")']
    await expect(composeOf({ a, b: b(euro, dollar) })).rejects.toThrow(
      '[b] "price" is selected as price(in: "EUR") by @requires on P.x and as price(in: "USD") by @requires on P.y',
    )
    await expect(composeOf({ a, b: b(`${euro} ${dollar}`, euro) })).rejects.toThrow('"price" is selected')
    await expect(composeOf({ a, b: b(euro, euro) })).resolves.toBeDefined()
  })

  it.each([
    ['imported by another name', '{name: "@requires", as: "@needs"}, "@key", "@external"', 'needs'],
    ['not imported', '"@key", "@external"', 'federation__requires'],
    ['in a namespace of its own', '"@key", "@external"', 'fed__requires', 'as: "fed"'],
  ])('refuses it by a directive that is %s', async (_how, imports, requires, more?) => {
    const a = `${link('"@key"')} type Query { p: P } type P @key(fields: "id") { id: ID! price(in: String): Int }`
    const b = `${link(imports, more)} type P @key(fields: "id") { id: ID! price(in: String): Int @external
      x: Int @${requires}(fields: "price(in: \\"EUR\\")") y: Int @${requires}(fields: "price(in: \\"USD\\")") }`
    await expect(composeOf({ a, b })).rejects.toThrow('by @requires on P.x and as price(in: "USD")')
  })

  it('names the file that is missing or no composition file', async () => {
    await expect(compose(join(folder, 'none.yaml'))).rejects.toThrow('none.yaml cannot be read')
    await writeFile(join(folder, 'bad.yaml'), 'subgraphs: { a: { routing_url: x } }')
    await expect(compose(join(folder, 'bad.yaml'))).rejects.toThrow(
      /bad\.yaml is not a composition file[^]*schema/,
    )
    await expect(composeOf({ a: 'type Query {' })).rejects.toThrow(/subgraph "a".*Syntax Error/)
  })
})

describe('stripping', () => {
  it('takes the access directives out, whatever they are called, and nothing else', async () => {
    const a = `${link('"@tag", "@authenticated", {name: "@requiresScopes", as: "@needs"}')}
      type Query { a: Int @authenticated @tag(name: "kept") b: Int @needs(scopes: [["x:y"]]) }`
    const { supergraphSdl } = await composeOf({ a })
    const stripped = stripSupergraph(supergraphSdl)
    expect(supergraphSdl).toMatch(/@needs|@requiresScopes/)
    expect(stripped).not.toMatch(/authenticated|needs|requiresScopes|SECURITY\)/i)
    expect(stripped).toContain('@tag(name: "kept")')
    expect(Object.keys(buildSchema(stripped).getQueryType()?.getFields() ?? {})).toEqual(['a', 'b'])
  })

  it('leaves a supergraph without them as it is', async () => {
    const { supergraphSdl } = await composeOf({ a: 'type Query { a: Int }' })
    expect(parse(stripSupergraph(supergraphSdl))).toEqual(parse(supergraphSdl))
  })
})
