import { federationSuite, link, refer } from './suite.ts'

const lamp = { __typename: 'Lamp', id: 'l1', watts: 60 }
const chair = { __typename: 'Chair', id: 'c1' }

// In the shop a chair is in the union only. That it is an item, too, with a price, is known elsewhere.
federationSuite(
  'a type that has an interface in one subgraph, and is in a union in another',
  {
    shop: {
      typeDefs: `${link}
        type Query { stock: [Ware] items: [Item] item(id: ID!): Item lamps: [Lamp] }
        union Ware = Lamp | Chair
        interface Item { id: ID! }
        interface Powered { watts: Int }
        type Lamp implements Item & Powered @key(fields: "id") { id: ID! watts: Int }
        type Chair @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          stock: () => [lamp, chair],
          items: () => [lamp],
          item: (_: unknown, { id }: { id: string }) => [lamp, chair].find((one) => one.id === id),
          lamps: () => [lamp],
        },
        Lamp: { __resolveReference: refer([lamp], 'id') },
        Chair: { __resolveReference: refer([chair], 'id') },
      },
    },
    workshop: {
      typeDefs: `${link}
        interface Item { id: ID! }
        interface Powered { watts: Int }
        type Chair implements Item & Powered @key(fields: "id") { id: ID! watts: Int }`,
      resolvers: { Chair: { watts: () => 0 } },
    },
  },
  [
    {
      does: 'is asked by the interface as a member of the union',
      query: '{ stock { __typename ... on Item { id } } }',
      data: {
        stock: [
          { __typename: 'Lamp', id: 'l1' },
          { __typename: 'Chair', id: 'c1' },
        ],
      },
      fetches: ['shop'],
    },
    {
      does: 'gets from elsewhere what only there belongs to the interface',
      query: '{ stock { ... on Powered { watts } } }',
      data: { stock: [{ watts: 60 }, { watts: 0 }] },
      fetches: ['shop', 'workshop'],
    },
    {
      does: 'may be asked for as an object of an interface that it has not there',
      query: '{ items { id ... on Lamp { watts } ... on Chair { watts } } }',
      data: { items: [{ id: 'l1', watts: 60 }] },
    },
    {
      does: 'is asked by one interface within another',
      query: '{ items { ... on Item { id ... on Powered { watts ... on Item { id } } } } }',
      data: { items: [{ id: 'l1', watts: 60 }] },
      fetches: ['shop'],
    },
    {
      does: 'is asked by fragments on the type and on its interface together',
      query: '{ lamps { ...L ...I } } fragment L on Lamp { id } fragment I on Item { id __typename }',
      data: { lamps: [{ id: 'l1', __typename: 'Lamp' }] },
    },
    {
      does: 'is found by the interface',
      query: '{ item(id: "l1") { ... on Lamp { watts } } }',
      data: { item: { watts: 60 } },
    },
    {
      does: 'is an error where a subgraph gives it for an interface that it has not there',
      query: '{ item(id: "c1") { ... on Chair { watts } } }',
      data: { item: null },
      errors: ['item: INTERNAL_SERVER_ERROR'],
    },
  ],
)
