import { federationSuite, link, refer } from './suite.ts'

const goods = [{ __typename: 'Good', id: 'g1', name: 'Tea' }]
const shops = [{ __typename: 'Shop', id: 's1', city: 'Bremen' }]
const nodes = [...goods, ...shops]

federationSuite(
  'a root field that gives any object by its id',
  {
    nodes: {
      typeDefs: `${link}
        type Query { node(id: ID!): Node goodNode: Node nodes(ids: [ID!]!): [Node]! }
        interface Node { id: ID! }
        type Good implements Node @key(fields: "id") { id: ID! }
        type Shop implements Node @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: {
          node: (_, { id }: { id: string }) => nodes.find((one) => one.id === id),
          goodNode: () => goods[0],
          nodes: (_, { ids }: { ids: string[] }) =>
            ids.map((id) => nodes.find((one) => one.id === id) ?? null),
        },
      },
    },
    types: {
      typeDefs: `${link}
        interface Node { id: ID! }
        type Good implements Node @key(fields: "id") { id: ID! name: String }
        type Shop implements Node @key(fields: "id") { id: ID! city: String }`,
      resolvers: {
        Good: { __resolveReference: refer(goods, 'id') },
        Shop: { __resolveReference: refer(shops, 'id') },
      },
    },
  },
  [
    {
      does: 'gives its type and id',
      query: '{ node(id: "s1") { id __typename } }',
      data: { node: { id: 's1', __typename: 'Shop' } },
      fetches: ['nodes'],
    },
    {
      does: 'is completed by its type',
      query: '{ goodNode { id ... on Good { name } ... on Shop { city } } }',
      data: { goodNode: { id: 'g1', name: 'Tea' } },
      fetches: ['nodes', 'types'],
    },
    {
      does: 'is nothing where there is none',
      query: '{ node(id: "x") { id ... on Good { name } } }',
      data: { node: null },
      fetches: ['nodes'],
    },
    {
      does: 'is completed in a list, each by its type',
      query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Good { name } ... on Shop { city } } }',
      variables: { ids: ['s1', 'x', 'g1', 's1'] },
      data: { nodes: [{ city: 'Bremen' }, null, { name: 'Tea' }, { city: 'Bremen' }] },
    },
    {
      does: 'is asked several times in one operation',
      query:
        '{ a: node(id: "g1") { ...N } b: node(id: "s1") { ...N } } fragment N on Node { id ... on Good { name } }',
      data: { a: { id: 'g1', name: 'Tea' }, b: { id: 's1' } },
    },
  ],
)
