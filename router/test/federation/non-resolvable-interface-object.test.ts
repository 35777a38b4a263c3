import { federationSuite, link } from './suite.ts'

federationSuite(
  'an @interfaceObject that cannot be resolved',
  {
    a: {
      typeDefs: `${link}
        type Query { a: Node good: Good }
        interface Node @key(fields: "id") { id: ID! }
        type Good @key(fields: "id") @interfaceObject { id: ID! }`,
      resolvers: { Query: { a: () => ({ id: 'n1' }), good: () => ({ id: 'g1' }) } },
    },
    b: {
      typeDefs: `${link}
        type Query { b: Node }
        type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String }
        interface Good @key(fields: "id") { id: ID! }
        type Bread implements Good @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { b: () => ({ id: 'n1', field: 'foo' }) },
        Good: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Bread', id }) },
        Bread: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Bread', id }) },
      },
    },
  },
  [
    {
      does: 'gives its own fields',
      query: '{ b { id field } }',
      data: { b: { id: 'n1', field: 'foo' } },
      fetches: ['b'],
    },
    { does: 'gives its key', query: '{ b { id } }', data: { b: { id: 'n1' } }, fetches: ['b'] },
    {
      does: 'fails where nobody can give anything of it',
      query: '{ a { field } }',
      data: null,
      errors: [': INTERNAL_SERVER_ERROR'],
      fetches: [],
    },
    {
      does: 'fails where no type has the interface',
      query: '{ a { id } }',
      data: { a: null },
      errors: ['a: INTERNAL_SERVER_ERROR'],
      fetches: ['a'],
    },
    {
      does: 'gives the key of one that can be',
      query: '{ good { id } }',
      data: { good: { id: 'g1' } },
      fetches: ['a'],
    },
    {
      does: 'learns the type of one that can be',
      query: '{ good { __typename ... on Bread { id } } }',
      data: { good: { __typename: 'Bread', id: 'g1' } },
      fetches: ['a', 'b'],
    },
    {
      does: 'is refused a field that it has not',
      query: '{ good { id name } }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
  ],
)
