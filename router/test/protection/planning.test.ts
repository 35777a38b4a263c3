import { composeServices } from '@apollo/composition'
import { QueryPlanner } from '@apollo/query-planner'
import { createLogger } from '@mall/service/logger'
import { parse } from 'graphql'
import { expect, it, vi } from 'vitest'
import { createEngine } from '../../src/engine/engine.ts'
import { createCounts } from '../../src/metrics/counts.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@interfaceObject", "@shareable"])`
const schemas = {
  media: `type Query { media: [Media!]! } interface Media @key(fields: "id") { id: ID! title: String next: Media }
    type Book implements Media @key(fields: "id") { id: ID! title: String next: Media pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String next: Media minutes: Int }`,
  ratings: `type Query { best: Media } type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int related: [Media!] }`,
  likes: `type Query { liked: Media } type Media @key(fields: "id") @interfaceObject { id: ID! likes: Int similar: [Media!] }`,
}
/** An interface of six types, the next of each of which three subgraphs know: 3⁶ ways to fetch it. */
const next = (field: string) => `interface Node { id: ID! next: Node ${field} }
  ${'123456'.replaceAll(/./g, `type Node$& implements Node @key(fields: "id") { id: ID! next: Node @shareable ${field} }`)}`
const wide = { one: `type Query { node: Node } ${next('')}`, two: next(''), three: next('text: String') }

function createEngineOf(schemas: Record<string, string>) {
  const { supergraphSdl, errors } = composeServices(
    Object.entries(schemas).map(([name, sdl]) => ({
      name,
      url: `http://${name}`,
      typeDefs: parse(link + sdl),
    })),
  )
  if (!supergraphSdl) throw new Error(String(errors))
  const logger = createLogger({ name: 'test', level: 'silent' })
  return createEngine({ supergraphSdl, clients: new Map(), counts: createCounts(), logger })
}
const engine = createEngineOf(schemas)
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

it('refuses many fields of that kind at once as well, which would take seconds to plan', async () => {
  const engine = createEngineOf(wide)
  const fields = Array.from({ length: 50 }, (_, index) => `n${index}: node { next { id text } }`)
  const text = `{ ${fields.join(' ')} }`
  const begin = Date.now()
  await expect(
    (async () => engine.execute({ document: parse(text), key: text, variables: {} }, scope))(),
  ).rejects.toMatchObject({ extensions: { code: 'COST_EXCEEDED' } })
  expect(Date.now() - begin).toBeLessThan(1_000)
})

it('does not plan again what it has refused, by any document of the same key', async () => {
  const planned = vi.spyOn(QueryPlanner.prototype, 'buildQueryPlan')
  const text = `{ best { ${'related { similar { '.repeat(4)} stars likes title ${'} }'.repeat(4)} } }`
  const refusal = { extensions: { code: 'COST_EXCEEDED' } }
  for (let index = 0; index < 3; index += 1)
    await expect((async () => execute(text))()).rejects.toMatchObject(refusal)
  expect(planned).toHaveBeenCalledTimes(1)
  await expect((async () => execute(`${text} # another`))()).rejects.toMatchObject(refusal)
  expect(planned).toHaveBeenCalledTimes(2)
})

it('plans what is deep, and what is wide, of the same graph', async () => {
  const deep = `{ media { ${'next { '.repeat(15)} stars likes title ${'}'.repeat(15)} } }`
  const wide = `{ ${'abcdefghij'.replaceAll(/./g, '$&: media { related { stars likes title } } ')} }`
  for (const text of [deep, wide])
    expect((await execute(text)).errors?.[0]?.message).toMatch(/client|available/)
})
