import { expect, it } from 'vitest'
import { createExecutors } from './executors.ts'
import { generateOperation } from './generate-operation.ts'
import type { Graph } from './graphs.ts'

const OPERATIONS = Number(process.env.OPERATIONS ?? 60)

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@requires", "@external", "@shareable"])\n`

/**
 * Every subgraph requires what others require, and objects begin anywhere. ApolloGateway is no measure here: it asks
 * for fields whose needs it has not fetched.
 */
const graph: Graph = {
  isConditional: false,
  losesObjects: false,
  schemas: {
    a: `${link} type Query { inA: Good manyA: [Good!]! }
      type Good @key(fields: "id") { id: ID! a: String made: Maker other: Good rank: Int
        d: String @external ofD: String @requires(fields: "d") }
      type Maker @key(fields: "id") { id: ID! name: String }`,
    b: `${link} type Query { inB: Good rowsB: [[Good]] }
      type Good @key(fields: "id") { id: ID! a: String @external b(of: Int): String @requires(fields: "a") kin: [Good]
        made: Maker @external byMaker: String @requires(fields: "made { name }") }
      type Maker @key(fields: "id") { id: ID! name: String @external best: Good }`,
    c: `${link} type Query { inC: Good }
      type Good @key(fields: "id") { id: ID! b(of: Int): String @external c: String @requires(fields: "b(of: 1)")
        maker: Maker nameless: Int }
      type Maker @key(fields: "id") { id: ID! goods: [Good!] fame: Int }`,
    d: `${link} type Query { inD: [Good!] }
      type Good @key(fields: "id") { id: ID! c: String @external d: String @requires(fields: "c")
        byMaker: String @external e: String @requires(fields: "byMaker c") near: Good }`,
  },
}

it('gives every field all that it requires, whatever requires what, wherever objects begin', async () => {
  const { schema, ours, close } = await createExecutors(graph)
  for (let seed = 0; seed < OPERATIONS; seed += 1) {
    const operation = generateOperation(schema, seed, graph)
    const { data, errors } = await ours(operation)
    const text = `seed ${seed}: ${operation.text}`
    expect(errors, text).toBeUndefined()
    expect(JSON.stringify(data), text).not.toContain('lacks')
  }
  await close()
}, 60_000)
