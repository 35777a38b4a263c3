import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Schemas of subgraphs by their names. */
export type Schemas = Readonly<Record<string, string>>

export interface Graph {
  readonly schemas: Schemas
  /**
   * Whether its operations may have @skip and @include. ApolloGateway loses an object whose @requires it could not
   * fill, although the field that has it was skipped.
   */
  readonly isConditional: boolean
  /** Has objects that ApolloGateway loses where the name of an @interfaceObject takes the place of their type's. */
  readonly losesObjects: boolean
}

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@requires", "@external", "@provides", "@shareable", "@interfaceObject", "@inaccessible", "@override"])\n`

const withLink = (schemas: Schemas, { isConditional = true, losesObjects = false } = {}): Graph => ({
  isConditional,
  losesObjects,
  schemas: Object.fromEntries(Object.entries(schemas).map(([name, sdl]) => [name, link + sdl])),
})

const fileOf = (name: string) =>
  readFileSync(join(import.meta.dirname, '..', '..', '..', 'subgraphs', name, 'schema.graphql'), 'utf8')

export const graphs: Readonly<Record<string, Graph>> = {
  'the mall': {
    isConditional: true,
    losesObjects: false,
    schemas: { users: fileOf('users'), products: fileOf('products'), orders: fileOf('orders') },
  },

  'entities with several keys, @requires and @provides': withLink(
    {
      catalogue: `
      type Query { product(id: ID!): Product products(first: Int): [Product!]! featured: Product! any: [Product] }
      type Product @key(fields: "id") @key(fields: "upc") {
        id: ID! upc: String! name: String! @shareable price(in: Currency): Int weight: Int dimensions: Dimensions similar: [Product!]
        maker: Maker
      }
      enum Currency { EUR USD }
      type Dimensions @shareable { width: Int! height: Int unit: Unit }
      enum Unit { CM INCH }
      type Maker @key(fields: "code country { code }") { code: String! country: Country! name: String! founded: Int }
      type Country @shareable { code: String! }`,
      inventory: `
      type Query { stocks: [Stock!] }
      type Mutation { restock(id: ID!, by: Int!): Stock sellOut: Product }
      type Stock { id: ID! units: Int! of: Product! }
      type Product @key(fields: "upc") {
        upc: String! weight: Int @external dimensions: Dimensions @external
        inStock: Boolean! shipping: String @requires(fields: "weight dimensions { width height }")
        box: String! @requires(fields: "dimensions { unit }")
      }
      type Dimensions @shareable { width: Int! height: Int unit: Unit }
      enum Unit { CM INCH }`,
      reviews: `
      type Query { reviews(min: Float): [Review] latest: Review }
      type Mutation { review(id: ID!, text: String!): Review! }
      type Review @key(fields: "id") { id: ID! stars: Float! text: String product: Product @provides(fields: "name") by: Author! }
      type Author { id: ID! name: String! reviews: [Review!]! }
      type Product @key(fields: "id") { id: ID! name: String! @external reviews(first: Int = 2): [Review!]! score: Float }
      type Maker @key(fields: "code country { code }") { code: String! country: Country! trust: Float! }
      type Country @shareable { code: String! }`,
    },
    { isConditional: false },
  ),

  'interfaces and unions over subgraphs': withLink({
    library: `
      type Query { media: [Media!]! medium(id: ID!): Media found(text: String!): [Found!] shelf: Shelf! }
      interface Media { id: ID! title: String }
      type Book implements Media & Printed @key(fields: "id") { id: ID! title: String pages: Int! author: Person }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int director: Person! }
      type Map implements Printed & Media @key(fields: "id") { id: ID! title: String pages: Int! scale: Float }
      interface Printed { pages: Int! }
      type Person @key(fields: "id") { id: ID! name: String! }
      union Found = Book | Person | Shelf
      type Shelf { id: ID! rows: [[Media]] printed: [Printed!] first: Found }`,
    loans: `
      type Query { borrowed: [Media] }
      interface Media { id: ID! loans: [Loan!] }
      type Book implements Media @key(fields: "id") { id: ID! loans: [Loan!] price: Int }
      type Film implements Media @key(fields: "id") { id: ID! loans: [Loan!] price: String }
      type Map implements Media @key(fields: "id") { id: ID! loans: [Loan!] }
      type Loan { id: ID! days: Int! to: Person! of: Media }
      type Person @key(fields: "id") { id: ID! debts: Float! loans: [Loan] favourite: Book }`,
  }),

  'interface objects': withLink(
    {
      media: `
      type Query { media: [Media!]! one(id: ID!): Media books: [Book] pair: Pair } type Pair { left: Media right: Film }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int! }`,
      ratings: `
      type Query { best: Media top(n: Int!): [Media!]! }
      type Media @key(fields: "id") @interfaceObject { id: ID! stars: Float! ratings: [Rating!] }
      type Rating { id: ID! value: Int! kinds: [Kind!] } enum Kind { CRITIC USER }`,
    },
    { losesObjects: true },
  ),

  'interface objects with @requires': withLink(
    {
      media: `
      type Query { media: [Media!]! book: Book }
      interface Media @key(fields: "id") { id: ID! title: String year: Int! }
      type Book implements Media @key(fields: "id") { id: ID! title: String year: Int! pages: Int }
      type Film implements Media @key(fields: "id") { id: ID! title: String year: Int! minutes: Int! }`,
      titles: `
      type Query { count: Int }
      type Media @key(fields: "id") @interfaceObject {
        id: ID! title: String @external year: Int! @external
        loud: String @requires(fields: "title year") plays: Int!
      }`,
    },
    { isConditional: false, losesObjects: true },
  ),

  'nested lists and nulls that travel': withLink({
    grid: `
      type Query { grid: Grid grids: [Grid!] strict: Grid! cells(at: [Int!]): [[Cell]] }
      type Grid @key(fields: "id") { id: ID! rows: [[Cell!]!]! cube: [[[Cell]!]] names: [[String!]] corner: Cell! }
      type Cell @key(fields: "id") { id: ID! value: Int! kind: Kind }
      enum Kind { ALIVE DEAD SECRET @inaccessible }`,
    colours: `
      type Query { palette: [Colour!]! }
      type Cell @key(fields: "id") { id: ID! colour: Colour! neighbours: [[Cell!]] }
      type Grid @key(fields: "id") { id: ID! background: Colour! tags: [[[String]!]!] }
      type Colour { id: ID! hex: String! used: [Cell!]! }`,
  }),
}
