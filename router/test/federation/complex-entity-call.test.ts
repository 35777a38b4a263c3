import { federationSuite, link } from './suite.ts'

interface Flight {
  readonly number: string
  readonly legs: readonly { readonly from: { readonly code: string }; readonly day: number }[]
}

const flights: Flight[] = [
  {
    number: 'X1',
    legs: [
      { from: { code: 'BER' }, day: 1 },
      { from: { code: 'PEK' }, day: 2 },
    ],
  },
  { number: 'X2', legs: [] },
]

const textOf = ({ number, legs }: Flight) =>
  [number, ...legs.map(({ from, day }) => from.code + day)].join('-')

federationSuite(
  'a key of nested objects in a list',
  {
    plan: {
      typeDefs: `${link}
        type Query { flights: [Flight!]! }
        type Flight @key(fields: "number legs { day from { code } }") { number: ID! legs: [Leg!]! }
        type Leg @shareable { from: Airport! day: Int! }
        type Airport @shareable { code: String! }`,
      resolvers: { Query: { flights: () => flights } },
    },
    seats: {
      typeDefs: `${link}
        type Flight @key(fields: "number legs { day from { code } }") {
          number: ID! legs: [Leg!]! label: String best: Flight
        }
        type Leg @shareable { from: Airport! day: Int! }
        type Airport @shareable { code: String! }`,
      resolvers: { Flight: { label: textOf, best: () => flights[0] } },
    },
    prices: {
      typeDefs: `${link}
        type Flight @key(fields: "legs { from { code } day } number") {
          number: ID! legs: [Leg!]! price: Int
        }
        type Leg @shareable { from: Airport! day: Int! }
        type Airport @shareable { code: String! }`,
      resolvers: { Flight: { price: (flight: Flight) => textOf(flight).length * 100 } },
    },
  },
  [
    {
      does: 'is sent whole, also where the list is empty',
      query: '{ flights { label } }',
      data: { flights: [{ label: 'X1-BER1-PEK2' }, { label: 'X2' }] },
      fetches: ['plan', 'seats'],
    },
    {
      does: 'is sent on to a third subgraph',
      query: '{ flights { best { price number } } }',
      data: {
        flights: [{ best: { price: 1200, number: 'X1' } }, { best: { price: 1200, number: 'X1' } }],
      },
      fetches: ['plan', 'prices', 'seats'],
    },
    {
      does: 'comes to the client as far as it asked for it, under its own names',
      query: '{ flights { legs { on: day } price } }',
      data: {
        flights: [
          { legs: [{ on: 1 }, { on: 2 }], price: 1200 },
          { legs: [], price: 200 },
        ],
      },
    },
  ],
)
