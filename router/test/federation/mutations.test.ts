import { federationSuite, link } from './suite.ts'

const order: string[] = []
const note = (name: string) => {
  order.push(name)
  return [...order]
}
const delayed = async (name: string) => {
  await new Promise((resolve) => setTimeout(resolve, 10))
  return note(name)
}

federationSuite(
  'mutations over several subgraphs',
  {
    a: {
      typeDefs: `${link}
        type Query { good: Good }
        type Mutation { slow(name: String!): [String!] addGood(name: String!): Good failing: String broken: String! }
        type Good @key(fields: "id") { id: ID! name: String price: Int }`,
      resolvers: {
        Query: { good: () => ({ id: 'g1', name: 'Tea', price: 4 }) },
        Mutation: {
          slow: (_, { name }: { name: string }) => delayed(name),
          addGood: (_, { name }: { name: string }) => ({ id: 'g2', name, price: 5 }),
          failing: () => {
            throw new Error('secret')
          },
          broken: () => {
            throw new Error('secret')
          },
        },
        Good: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Milk', price: 5 }) },
      },
    },
    b: {
      typeDefs: `${link}
        type Query { order: [String!] }
        type Mutation { fast(name: String!): [String!] clear: Boolean removeGood(id: ID!): Good }
        type Good @key(fields: "id") {
          id: ID! price: Int @external dear: Boolean @requires(fields: "price") stock: Int
        }`,
      resolvers: {
        Query: { order: () => order },
        Mutation: {
          fast: (_, { name }: { name: string }) => note(name),
          clear: () => order.splice(0).length >= 0,
          removeGood: (_, { id }: { id: string }) => ({ id }),
        },
        Good: { dear: ({ price }: { price: number }) => price > 4, stock: () => 0 },
      },
    },
  },
  [
    {
      does: 'are done one after the other, across subgraphs',
      query:
        'mutation { clear one: slow(name: "1") two: fast(name: "2") three: slow(name: "3") four: fast(name: "4") }',
      data: { clear: true, one: ['1'], two: ['1', '2'], three: ['1', '2', '3'], four: ['1', '2', '3', '4'] },
      fetches: ['a', 'a', 'b', 'b', 'b'],
    },
    {
      does: 'are done together where they are together in one subgraph',
      query: 'mutation { clear one: fast(name: "1") two: fast(name: "2") }',
      data: { clear: true, one: ['1'], two: ['1', '2'] },
      fetches: ['b'],
    },
    {
      does: 'give objects that others complete',
      query: 'mutation ($name: String!) { addGood(name: $name) { name dear stock } }',
      variables: { name: 'Milk' },
      data: { addGood: { name: 'Milk', dear: true, stock: 0 } },
      fetches: ['a', 'b'],
    },
    {
      does: 'give objects whose needs are elsewhere',
      query: 'mutation { removeGood(id: "g2") { id name dear } }',
      data: { removeGood: { id: 'g2', name: 'Milk', dear: true } },
    },
    {
      does: 'go on after one that failed',
      query: 'mutation { clear failing fast(name: "after") }',
      data: { clear: true, failing: null, fast: ['after'] },
      errors: ['failing: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'give nothing where one failed that must not',
      query: 'mutation { clear broken }',
      data: null,
      errors: ['broken: INTERNAL_SERVER_ERROR'],
    },
  ],
)
