import { composeServices } from '@apollo/composition'
import { createLogger } from '@mall/service/logger'
import { parse } from 'graphql'
import { expect, it } from 'vitest'
import { createEngine } from '../../src/engine/engine.ts'
import { createCounts } from '../../src/metrics/counts.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@interfaceObject"])`
const schemas = {
  media: `type Query { media: [Media!]! } interface Media @key(fields: "id") { id: ID! title: String next: Media }
    type Book implements Media @key(fields: "id") { id: ID! title: String next: Media pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String next: Media minutes: Int }`,
  ratings: `type Query { best: Media } type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int related: [Media!] }`,
  likes: `type Query { liked: Media } type Media @key(fields: "id") @interfaceObject { id: ID! likes: Int similar: [Media!] }`,
}
const { supergraphSdl } = composeServices(
  Object.entries(schemas).map(([name, sdl]) => ({
    name,
    url: `http://${name}`,
    typeDefs: parse(link + sdl),
  })),
)
if (!supergraphSdl) throw new Error('the test graph does not compose')
const logger = createLogger({ name: 'test', level: 'silent' })
const engine = createEngine({ supergraphSdl, clients: new Map(), counts: createCounts(), logger })
const scope = { viewer: null, address: '', signal: new AbortController().signal, deadline: Infinity }

const execute = (text: string) => engine.execute({ document: parse(text), key: text, variables: {} }, scope)

it.each([
  `{ best { ${'related { similar { '.repeat(3)} stars likes title ${'} }'.repeat(3)} } }`,
  `{ best { ${'related { next { similar { '.repeat(3)} stars likes ... on Book { pages } title ${'} } }'.repeat(3)} } }`,
])('refuses within a second what has too many ways to be fetched: %s', async (text) => {
  const begin = Date.now()
  await expect((async () => execute(text))()).rejects.toMatchObject({ extensions: { code: 'COST_EXCEEDED' } })
  expect(Date.now() - begin).toBeLessThan(1_000)
})

it('plans what is deep, and what is wide, of the same graph', async () => {
  const deep = `{ media { ${'next { '.repeat(15)} stars likes title ${'}'.repeat(15)} } }`
  const wide = `{ ${'abcdefghij'.replaceAll(/./g, '$&: media { related { stars likes title } } ')} }`
  for (const text of [deep, wide])
    expect((await execute(text)).errors?.[0]?.message).toMatch(/client|available/)
})
