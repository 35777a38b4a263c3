import { federationSuite, link } from './suite.ts'

const rows = [
  { __typename: 'Person', id: 'p1', code: 'P', tags: ['x'] },
  { __typename: 'Robot', id: 'r1', code: 'R', tags: null },
]

// One subgraph alone could not be asked for both fields under one name: their nullability differs there, and is the
// same in the whole only because of the other subgraph.
federationSuite(
  'a field whose type differs between members of a union in one subgraph',
  {
    strict: {
      typeDefs: `${link}
        type Query { beings: [Being!]! alike: [Alike!]! }
        union Being = Person | Robot
        interface Alike { id: ID! }
        type Person implements Alike @key(fields: "id") { id: ID! code: String! @shareable tags: [String!]! @shareable }
        type Robot implements Alike @key(fields: "id") { id: ID! code: String @shareable tags: [String] @shareable }`,
      resolvers: { Query: { beings: () => rows, alike: () => rows } },
    },
    lenient: {
      typeDefs: `${link}
        type Person @key(fields: "id") { id: ID! code: String @shareable tags: [String] @shareable }
        type Robot @key(fields: "id") { id: ID! code: String @shareable tags: [String] @shareable }`,
      resolvers: {},
    },
  },
  [
    {
      does: 'is asked of both under one name',
      query: '{ beings { ... on Person { code } ... on Robot { code } } }',
      data: { beings: [{ code: 'P' }, { code: 'R' }] },
    },
    {
      does: 'is asked of both where it is a list',
      query: '{ beings { ... on Person { id tags } ... on Robot { tags id } } }',
      data: {
        beings: [
          { id: 'p1', tags: ['x'] },
          { tags: null, id: 'r1' },
        ],
      },
    },
    {
      does: 'is asked of both through an interface, beside its own fields',
      query: '{ alike { id ... on Robot { code tags } ... on Person { tags code } } }',
      data: {
        alike: [
          { id: 'p1', tags: ['x'], code: 'P' },
          { id: 'r1', code: 'R', tags: null },
        ],
      },
    },
    {
      does: 'is asked of both under an alias',
      query: '{ beings { ... on Person { sign: code } ... on Robot { sign: code } } }',
      data: { beings: [{ sign: 'P' }, { sign: 'R' }] },
    },
    {
      does: 'is asked of one',
      query: '{ beings { ... on Robot { code } } }',
      data: { beings: [{}, { code: 'R' }] },
    },
  ],
)
