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

  'chains with arguments, keys of several fields and lists of entities': chain({
    a: `type Query { inA: Good manyA(first: Int): [Good!]! }
      type Good @key(fields: "id code") @key(fields: "upc") {
        id: ID! code: ID! upc: ID! price(in: Currency! = EUR, off: Int): Int size: Size kin(first: Int): [Good!]
      }
      enum Currency { EUR USD }
      type Size { height(in: Unit): Int width: Int! }
      enum Unit { CM INCH }`,
    b: `type Query { inB(at: Int): [Good] }
      type Good @key(fields: "upc") {
        upc: ID! price(in: Currency! = EUR, off: Int): Int @external size: Size @external
        cheap: String @requires(fields: "price(in: USD)") dear(more: Int): String @requires(fields: "price(off: 3)")
        box(with: Int): String @requires(fields: "size { height(in: CM) width }")
        kin(first: Int): [Good!] @external family: String @requires(fields: "kin(first: 2) { upc }")
        best: Good
      }
      enum Currency { EUR USD }
      type Size @external { height(in: Unit): Int width: Int! }
      enum Unit { CM INCH }`,
    c: `type Query { inC: Good }
      type Good @key(fields: "id code") {
        id: ID! code: ID! cheap: String @external dear(more: Int): String @external box(with: Int): String @external
        price(in: Currency! = EUR, off: Int): Int @external
        offer: String @requires(fields: "cheap price(in: EUR)")
        note(to: ID): String @requires(fields: "dear(more: 1) box(with: 2)")
        twice: String @requires(fields: "dear(more: 2) price(in: USD, off: 1)")
        near(first: Int = 2): [Good!]!
      }
      enum Currency { EUR USD }`,
  }),

  'chains through interface objects': chain({
    media: `type Query { media: [Media!]! book: Book films(first: Int): [Film] }
      interface Media @key(fields: "id") { id: ID! title: String year: Int! }
      type Book implements Media @key(fields: "id") { id: ID! title: String year: Int! pages: Int next: Media }
      type Film implements Media @key(fields: "id") { id: ID! title: String year: Int! minutes: Int! }`,
    stars: `type Query { best: Media top(n: Int): [Media!]! }
      type Media @key(fields: "id") @interfaceObject {
        id: ID! title: String @external stars(of: Int): Int fame: String @requires(fields: "title")
      }`,
    prices: `type Media @key(fields: "id") @interfaceObject {
        id: ID! year: Int! @external stars(of: Int): Int @external
        price: String @requires(fields: "year") deal: String @requires(fields: "stars(of: 5)") seller: Seller
      }
      type Seller @key(fields: "id") { id: ID! name: String }`,
    sellers: `type Query { seller: Seller }
      type Seller @key(fields: "id") { id: ID! loud: String }`,
    books: `type Book @key(fields: "id") {
        id: ID! title: String @external pages: Int @external
        shelf: String @requires(fields: "pages title") author: Author
      }
      type Author @key(fields: "id") { id: ID! books: [Book!] }`,
  }),

  'chains with @provides and shared fields': chain({
    a: `type Query { inA: Good shelf: Shelf }
      type Shelf { top: Good @provides(fields: "maker { name }") goods: [Good!] }
      type Good @key(fields: "id") {
        id: ID! name: String @shareable c: Int @external maker: Maker @external place: Place @shareable
        a: String @requires(fields: "c") @shareable
      }
      type Maker @key(fields: "id") { id: ID! name: String @external }
      type Place @shareable { row: Int column: Int near: Good }`,
    b: `type Query { inB: [Good!] }
      type Good @key(fields: "id") {
        id: ID! name: String @shareable a: String @external b: String @requires(fields: "a place { row }") @shareable
        place: Place @external kept: Good @provides(fields: "title maker { name }") title: String @external
        maker: Maker @external
      }
      type Maker @key(fields: "id") { id: ID! name: String @external }
      type Place @shareable { row: Int column: Int }`,
    c: `type Query { inC: Good maker: Maker }
      type Good @key(fields: "id") {
        id: ID! c: Int @shareable maker: Maker @shareable b: String @external place: Place @shareable
        d: String @requires(fields: "b") title: String @shareable
      }
      type Maker @key(fields: "id") { id: ID! name: String @shareable goods: [Good!] best: Good }
      type Place @shareable { row: Int column: Int near: Good depth: Int }`,
  }),

  'chains through interfaces and unions': chain({
    a: `type Query { shapes: [Shape!]! one: Shape any: [Thing] }
      interface Shape { id: ID! area: Int }
      union Thing = Circle | Square | Owner
      type Circle implements Shape @key(fields: "id") { id: ID! area: Int radius: Int inside: Shape }
      type Square implements Shape @key(fields: "id") { id: ID! area: Int side: Int owner: Owner }
      type Owner @key(fields: "id") { id: ID! name: String has: [Shape!] favourite: Thing }`,
    b: `type Query { drawn: [Drawn] }
      interface Drawn { id: ID! colour: String }
      type Circle implements Drawn @key(fields: "id") { id: ID! radius: Int @external colour: String @requires(fields: "radius") twin: Square }
      type Square implements Drawn @key(fields: "id") { id: ID! side: Int @external colour: String @requires(fields: "side") near: [Drawn!] }
      type Owner @key(fields: "id") {
        id: ID! has: [Shape!] @external favourite: Thing @external
        sum: String @requires(fields: "has { __typename area ... on Circle { radius } ... on Square { side } }")
        love: String @requires(fields: "favourite { __typename ... on Owner { name } ... on Circle { area } }")
      }
      interface Shape { area: Int }
      union Thing = Circle | Square | Owner
      extend type Circle implements Shape { area: Int @external }
      extend type Square implements Shape { area: Int @external }
      extend type Owner { name: String @external }`,
    c: `type Query { owner: Owner }
      type Owner @key(fields: "id") { id: ID! sum: String @external love: String @external
        both: String @requires(fields: "sum love") }
      type Circle @key(fields: "id") { id: ID! colour: String @external paint: String @requires(fields: "colour") }`,
  }),
}
