import { federationSuite, link } from './suite.ts'

const user = { __typename: 'User', id: 'u1', name: 'Ann' }
const post = { __typename: 'Post', id: 'p1', text: 'hello' }

// Each subgraph has a type whose id is only @external there, so that nobody can give Node.id of every type.
federationSuite(
  'an interface whose field no subgraph has for all its types',
  {
    users: {
      typeDefs: `${link}
        type Query { node(id: ID!): Node @shareable user(id: ID!): User }
        interface Node { id: ID! }
        type User implements Node @key(fields: "id") { id: ID! name: String }
        type Post implements Node @key(fields: "id") { id: ID! @external author: User }`,
      resolvers: {
        Query: { node: (_, { id }: { id: string }) => (id === 'u1' ? user : post), user: () => user },
        Post: { __resolveReference: () => ({ id: 'p1', author: user }) },
        User: { __resolveReference: () => user },
      },
    },
    posts: {
      typeDefs: `${link}
        type Query { node(id: ID!): Node @shareable post(id: ID!): Post }
        interface Node { id: ID! }
        type Post implements Node @key(fields: "id") { id: ID! text: String }
        type User implements Node @key(fields: "id") { id: ID! @external posts: [Post!] }`,
      resolvers: {
        Query: { node: (_, { id }: { id: string }) => (id === 'u1' ? user : post), post: () => post },
        Post: { __resolveReference: () => post },
        User: { __resolveReference: () => ({ id: 'u1', posts: [post] }) },
      },
    },
  },
  [
    {
      does: 'is not planned, and says so',
      query: '{ node(id: "u1") { id } }',
      data: null,
      errors: [': INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'is not planned beside a fragment either',
      query: '{ node(id: "u1") { id ... on Post { id } } other: node(id: "p1") { __typename } }',
      data: null,
      errors: [': INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'still says the type',
      query: '{ u: node(id: "u1") { __typename } p: node(id: "p1") { __typename } }',
      data: { u: { __typename: 'User' }, p: { __typename: 'Post' } },
    },
    {
      does: 'gives it by the types, each from its own subgraph',
      query:
        '{ u: node(id: "u1") { ... on User { id name } } p: node(id: "p1") { ... on Post { id text } } }',
      data: { u: { id: 'u1', name: 'Ann' }, p: { id: 'p1', text: 'hello' } },
    },
    {
      does: 'gives nothing of another type',
      query: '{ u: node(id: "u1") { ... on Post { id } } p: node(id: "p1") { ... on User { id } } }',
      data: { u: {}, p: {} },
    },
    {
      does: 'gives nothing of another type but its name',
      query: '{ u: node(id: "u1") { __typename ... on Post { id } } }',
      data: { u: { __typename: 'User' } },
    },
    {
      does: 'gives the id of a type where a subgraph owns it',
      query: '{ user(id: "u1") { id } post(id: "p1") { id } }',
      data: { user: { id: 'u1' }, post: { id: 'p1' } },
      fetches: ['posts', 'users'],
    },
    {
      does: 'leads from one owner to the other',
      query: '{ post(id: "p1") { id text author { id name } } }',
      data: { post: { id: 'p1', text: 'hello', author: { id: 'u1', name: 'Ann' } } },
    },
    {
      does: 'leads back',
      query: '{ user(id: "u1") { name posts { id text } } }',
      data: { user: { name: 'Ann', posts: [{ id: 'p1', text: 'hello' }] } },
    },
  ],
)
