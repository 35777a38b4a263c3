import { federationSuite, link, refer } from './suite.ts'

const towns = [
  { id: 't1', name: 'Ulm', secret: 's1', mayor: { id: 'm1' } },
  { id: 't2', name: 'Bonn', secret: 's2', mayor: null },
]

federationSuite(
  'a root field that two subgraphs share, each with its own part of the answer',
  {
    names: {
      typeDefs: `${link}
        type Query { town: Town @shareable towns: [Town!]! @shareable }
        type Town @shareable { id: ID! name: Part } type Part { text: String }`,
      resolvers: {
        Query: { town: () => towns[0], towns: () => towns },
        Town: { name: ({ name }: { name: string }) => ({ text: name }) },
      },
    },
    sizes: {
      typeDefs: `${link}
        type Query { town: Town @shareable towns: [Town!]! @shareable }
        type Town @shareable { id: ID! size: Size } type Size { people: Int }`,
      resolvers: {
        Query: { town: () => towns[0], towns: () => towns },
        Town: { size: ({ id }: { id: string }) => ({ people: id === 't1' ? 120 : 330 }) },
      },
    },
  },
  [
    {
      does: 'is asked of both where both are needed',
      query: '{ town { id name { text } size { people } } }',
      data: { town: { id: 't1', name: { text: 'Ulm' }, size: { people: 120 } } },
      fetches: ['names', 'sizes'],
    },
    {
      does: 'is asked of one that has all of it',
      query: '{ town { id size { people } } }',
      data: { town: { id: 't1', size: { people: 120 } } },
      fetches: ['sizes'],
    },
    {
      does: 'is put together item by item in a list',
      query: '{ towns { name { text } size { people } } }',
      data: {
        towns: [
          { name: { text: 'Ulm' }, size: { people: 120 } },
          { name: { text: 'Bonn' }, size: { people: 330 } },
        ],
      },
    },
  ],
)

federationSuite(
  'what is @inaccessible, __typename, and a null where none may be',
  {
    towns: {
      typeDefs: `${link}
        type Query { towns: [Town!]! place: Place hidden: Town @inaccessible }
        union Place = Town | Lake
        type Lake { depth: Int }
        type Town @key(fields: "id") { id: ID! name: String! secret: String @inaccessible mayor: Mayor }
        type Mayor @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { towns: () => towns, place: () => ({ __typename: 'Lake', depth: 9 }) },
        Town: { __resolveReference: refer(towns, 'id') },
      },
    },
    people: {
      typeDefs: `${link}
        type Town @key(fields: "id") {
          id: ID! secret: String @external code: String @requires(fields: "secret") motto: String!
        }
        type Mayor @key(fields: "id") { id: ID! name: String! }`,
      resolvers: {
        Town: {
          code: ({ secret }: { secret: string }) => `<${secret}>`,
          motto: ({ id }: { id: string }) => (id === 't1' ? 'Up' : null),
        },
        Mayor: { name: ({ id }: { id: string }) => `mayor ${id}` },
      },
    },
  },
  [
    {
      does: 'refuses a field that clients may not see',
      query: '{ towns { secret } }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
    {
      does: 'refuses a root field that clients may not see',
      query: '{ hidden { id } }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
    {
      does: 'sends it to a subgraph that requires it',
      query: '{ towns { code } }',
      data: { towns: [{ code: '<s1>' }, { code: '<s2>' }] },
      fetches: ['people', 'towns'],
    },
    {
      does: 'tells nobody of it',
      query: '{ __type(name: "Town") { fields { name } } }',
      data: { __type: { fields: ['id', 'code', 'motto', 'name', 'mayor'].map((name) => ({ name })) } },
      fetches: [],
    },
    {
      does: 'names the root without asking anybody',
      query: '{ __typename kind: __typename }',
      data: { __typename: 'Query', kind: 'Query' },
      fetches: [],
    },
    {
      does: 'names objects under aliases, beside fields of another subgraph',
      query: '{ towns { kind: __typename mayor { __typename name } } }',
      data: {
        towns: [
          { kind: 'Town', mayor: { __typename: 'Mayor', name: 'mayor m1' } },
          { kind: 'Town', mayor: null },
        ],
      },
    },
    {
      does: 'names a member of a union that is no entity',
      query: '{ place { a: __typename ... on Lake { b: __typename depth } ... on Town { motto } } }',
      data: { place: { a: 'Lake', b: 'Lake', depth: 9 } },
      fetches: ['towns'],
    },
    {
      does: 'gives null as far up as a null may be, with the error’s path',
      query: '{ towns { id motto } }',
      data: null,
      errors: ['towns.1.motto: INTERNAL_SERVER_ERROR'],
    },
  ],
)
