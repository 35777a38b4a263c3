import { composeServices } from '@apollo/composition'
import {
  operationFromDocument,
  ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  Supergraph,
} from '@apollo/federation-internals'
import { parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createBoundedPlanner } from './bounded-planner.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@interfaceObject", "@shareable"])\n`

/** A planner for subgraphs, and how long it takes in milliseconds. */
function plannerOf(schemas: Readonly<Record<string, string>>) {
  const services = Object.entries(schemas).map(([name, sdl]) => ({
    name,
    url: `http://${name}`,
    typeDefs: parse(link + sdl),
  }))
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(String(errors))
  const supergraph = Supergraph.build(supergraphSdl, {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
  })
  const planner = createBoundedPlanner(supergraph)
  return (text: string) => {
    const operation = operationFromDocument(supergraph.apiSchema(), parse(text))
    const begin = performance.now()
    const told = attempt(() => planner.buildQueryPlan(operation))
    return { told, ms: performance.now() - begin }
  }
}

function attempt(run: () => { readonly node?: unknown }): unknown {
  try {
    return run().node === undefined ? 'no plan' : 'planned'
  } catch (error) {
    return error
  }
}

const members = (names: string, of: string) =>
  [...names]
    .map((name) => `type ${name} implements ${of} @key(fields: "id") { id: ID! of${name}: Int }`)
    .join('\n')
const refused = { extensions: { code: 'COST_EXCEEDED' } }
/** Without bounds these took a second, all memory, and two seconds. Generous: the machine may be busy. */
const SOON_MS = 1_000

describe('interface objects that refer to one another', () => {
  const plan = plannerOf({
    types: `type Query { node: Node }
      interface Node @key(fields: "id") { id: ID! } ${members('ABC', 'Node')}
      interface Media @key(fields: "id") { id: ID! } ${members('XYZ', 'Media')}`,
    nodes: `type Node @interfaceObject @key(fields: "id") { id: ID! media: Media peer: Node score: Int }
      type Media @interfaceObject @key(fields: "id") { id: ID! }`,
    media: `type Media @interfaceObject @key(fields: "id") { id: ID! owner: Node like: Media size: Int }
      type Node @interfaceObject @key(fields: "id") { id: ID! }`,
  })

  it.each([
    '{ node { media { owner { media { owner { id } } } } } }',
    '{ node { media { owner { media { owner { media { owner { score } } } } } } } }',
    `{ ${Array.from({ length: 20 }, (_, i) => `n${i}: node { media { owner { media { owner { id } } } } }`).join(' ')} }`,
  ])('end in COST_EXCEEDED where there are too many ways, soon: %s', (text) => {
    const { told, ms } = plan(text)
    expect(told).toMatchObject(refused)
    expect(ms).toBeLessThan(SOON_MS)
  })

  it.each([
    '{ node { media { owner { id } } } }',
    '{ node { peer { peer { peer { score } } } } }',
    '{ node { ... on A { media { ... on X { owner { ... on B { media { ... on Y { owner { score } } } } } } } } } }',
  ])('are planned where there are not: %s', (text) => {
    expect(plan(text).told).toBe('planned')
  })
})

it('fields that several subgraphs have are planned soon, however many plans there are', () => {
  const names = Array.from({ length: 40 }, (_, i) => `f${i}`)
  const plan = plannerOf(
    Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [
        name,
        `type Query { it: It @shareable }
         type It @key(fields: "id") { id: ID! own_${name}: Int ${names.map((field) => `${field}: Int @shareable`).join(' ')} }`,
      ]),
    ),
  )
  const { told, ms } = plan(`{ it { ${names.join(' ')} own_a own_b own_c own_d } }`)
  expect(told).toBe('planned')
  expect(ms).toBeLessThan(SOON_MS)
})
