/** What the benchmark of sockets watches: the part of the mall that the web's pages of products watch. */
export const watchSchema = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { nothing: Int }
  type Product @key(fields: "id") { id: ID! soldCount: Int! }
  type Sku @key(fields: "id") { id: ID! product: Product! }
  type StockChange { sku: Sku! available: Int! version: Int! timestamp: String! }
  type Subscription { stockChanged(skuIds: [ID!]!): StockChange! }`

/** As Apollo Client sends it. */
export const watchQuery = `subscription StockChanged($skuIds: [ID!]!) {
  stockChanged(skuIds: $skuIds) {
    available version timestamp sku { id product { id soldCount __typename } __typename } __typename
  }
}`

export interface StockChange {
  readonly sku: {
    readonly id: string
    readonly product: { readonly id: string; readonly soldCount: number }
  }
  readonly available: number
  readonly version: number
  readonly timestamp: string
}
