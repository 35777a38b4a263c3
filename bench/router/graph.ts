/**
 * The graph of the benchmark: three subgraphs, three sizes of query. Resolvers run once for each request body; from
 * then on its answer is replayed.
 */
export const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@requires", "@external", "@authenticated"])\n`

export const schemas: Readonly<Record<SubgraphName, string>> = {
  catalogue: `
    type Query { product(id: ID!): Product top(from: Int!): [Product!]! me: User }
    type Product @key(fields: "id") { id: ID! name: String description: String price: Int weight: Int category: Category }
    type Category { id: ID! name: String! }
    type User @key(fields: "id") { id: ID! name: String email: String @authenticated favourite: Product }`,
  inventory: `
    type Product @key(fields: "id") {
      id: ID! price: Int @external weight: Int @external
      stock: Int shipping: Int @requires(fields: "price weight")
    }`,
  reviews: `
    type Product @key(fields: "id") { id: ID! reviews: [Review!] }
    type User @key(fields: "id") { id: ID! reviews: [Review!] }
    type Review { id: ID! text: String stars: Int author: User product: Product }`,
}

export const subgraphNames = ['catalogue', 'inventory', 'reviews'] as const
export type SubgraphName = (typeof subgraphNames)[number]

export interface BenchQuery {
  readonly name: string
  readonly query: string
  readonly variables: (variant: number) => Record<string, unknown>
}

export const queries: readonly BenchQuery[] = [
  {
    name: 'small, 1 fetch',
    query: 'query Small($id: ID!) { product(id: $id) { id name price } }',
    variables: (variant) => ({ id: String(variant) }),
  },
  {
    name: 'medium, 2 fetches',
    query: `query Page($id: ID!) {
      product(id: $id) { id name description price category { id name } reviews { id text stars } }
    }`,
    variables: (variant) => ({ id: String(variant) }),
  },
  {
    name: 'large, 10 fetches',
    query: `query Front($from: Int!) {
      me { id name email reviews { id stars product { id name stock } } }
      top(from: $from) {
        id name price description stock shipping category { id name }
        reviews { id text stars author { id name email favourite {
          id name stock reviews { id stars author { id name } }
        } } }
      }
    }`,
    variables: (variant) => ({ from: variant }),
  },
]

/** Requests of a query differ in their variables in so many ways. */
export const VARIANTS = 200
