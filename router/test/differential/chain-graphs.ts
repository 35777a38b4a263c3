import type { Graph } from './graphs.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@requires", "@external", "@shareable", "@provides", "@interfaceObject"])\n`

const chain = (schemas: Readonly<Record<string, string>>): Graph => ({
  isConditional: false,
  losesObjects: false,
  schemas: Object.fromEntries(Object.entries(schemas).map(([name, sdl]) => [name, link + sdl])),
})

/** Every subgraph requires what others require, and objects begin anywhere. */
export const chainGraphs: Readonly<Record<string, Graph>> = {
  'chains of @requires': chain({
    a: `type Query { inA: Good manyA: [Good!]! }
      type Good @key(fields: "id") { id: ID! a: String made: Maker other: Good rank: Int
        d: String @external ofD: String @requires(fields: "d") }
      type Maker @key(fields: "id") { id: ID! name: String }`,
    b: `type Query { inB: Good rowsB: [[Good]] }
      type Good @key(fields: "id") { id: ID! a: String @external b(of: Int): String @requires(fields: "a") kin: [Good]
        made: Maker @external byMaker: String @requires(fields: "made { name }") }
      type Maker @key(fields: "id") { id: ID! name: String @external best: Good }`,
    c: `type Query { inC: Good }
      type Good @key(fields: "id") { id: ID! b(of: Int): String @external c: String @requires(fields: "b(of: 1)")
        maker: Maker nameless: Int }
      type Maker @key(fields: "id") { id: ID! goods: [Good!] fame: Int }`,
    d: `type Query { inD: [Good!] }
      type Good @key(fields: "id") { id: ID! c: String @external d: String @requires(fields: "c")
        byMaker: String @external e: String @requires(fields: "byMaker c") near: Good }`,
  }),
}
