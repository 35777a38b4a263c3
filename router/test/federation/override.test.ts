import { federationSuite, link, notToBeAsked, refer, type Case } from './suite.ts'

const posts = [
  { __typename: 'TextPost', id: 't1', made: 'new t1', text: 'hello' },
  { __typename: 'ImagePost', id: 'i1', made: 'new i1', image: 'x.png' },
]

federationSuite(
  '@override',
  {
    old: {
      typeDefs: `${link}
        type Query { old: Post feed: [Post!]! }
        type Post @key(fields: "id") { id: ID! made: String kept: String }`,
      resolvers: {
        Query: { old: () => ({ id: 'p1' }), feed: () => [{ id: 'wrong' }] },
        Post: { made: notToBeAsked, kept: ({ id }: { id: string }) => `old ${id}` },
      },
    },
    now: {
      typeDefs: `${link}
        type Query { now: Post feed: [Post!]! @override(from: "old") }
        type Post @key(fields: "id") { id: ID! made: String @override(from: "old") }`,
      resolvers: {
        Query: { now: () => ({ id: 'p1' }), feed: () => [{ id: 'p1' }, { id: 'p2' }] },
        Post: { made: ({ id }: { id: string }) => `new ${id}` },
      },
    },
  },
  [
    {
      does: 'takes a field to its new subgraph',
      query: '{ old { id made kept } }',
      data: { old: { id: 'p1', made: 'new p1', kept: 'old p1' } },
      fetches: ['now', 'old'],
    },
    {
      does: 'takes it from the new one where it begins there',
      query: '{ now { made } }',
      data: { now: { made: 'new p1' } },
      fetches: ['now'],
    },
    {
      does: 'takes a root field',
      query: '{ feed { id made kept } }',
      data: {
        feed: [
          { id: 'p1', made: 'new p1', kept: 'old p1' },
          { id: 'p2', made: 'new p2', kept: 'old p2' },
        ],
      },
      fetches: ['now', 'old'],
    },
  ],
)

const afterwards: readonly Case[] = [
  {
    does: 'is as if it were not there',
    query: '{ one { id made } feed { made } }',
    data: { one: { id: 't1', made: 'new t1' }, feed: [{ made: 'new t1' }] },
    fetches: ['now'],
  },
]

// The subgraph that it takes the field from does not exist, or has the field no more.
federationSuite(
  '@override from a subgraph that is gone',
  {
    now: {
      typeDefs: `${link}
        type Query { one: Post feed: [Post!]! @override(from: "gone") }
        type Post @key(fields: "id") { id: ID! made: String @override(from: "gone") }`,
      resolvers: { Query: { one: () => posts[0], feed: () => posts.slice(0, 1) } },
    },
  },
  afterwards,
)
federationSuite(
  '@override of a field that its old subgraph has no more',
  {
    now: {
      typeDefs: `${link}
        type Query { one: Post feed: [Post!]! }
        type Post @key(fields: "id") { id: ID! made: String @override(from: "old") }`,
      resolvers: { Query: { one: () => posts[0], feed: () => posts.slice(0, 1) } },
    },
    old: {
      typeDefs: `${link} type Query { other: Int } type Post @key(fields: "id") { id: ID! kept: Int }`,
      resolvers: {},
    },
  },
  afterwards,
)

federationSuite(
  '@override of a type’s field that an interface has',
  {
    old: {
      typeDefs: `${link}
        type Query { feed: [Post!]! }
        interface Post { id: ID! made: String }
        type TextPost implements Post @key(fields: "id") { id: ID! made: String text: String }
        type ImagePost implements Post @key(fields: "id") { id: ID! made: String image: String }`,
      resolvers: {
        Query: { feed: () => posts },
        TextPost: { __resolveReference: refer(posts, 'id') },
        ImagePost: { __resolveReference: refer(posts, 'id'), made: notToBeAsked },
      },
    },
    now: {
      typeDefs: `${link}
        type Query { latest: Post images: [ImagePost] }
        interface Post { id: ID! made: String }
        type ImagePost implements Post @key(fields: "id") { id: ID! made: String @override(from: "old") }
        type TextPost implements Post @key(fields: "id") { id: ID! made: String @external }`,
      resolvers: {
        Query: { latest: () => posts[1], images: () => [posts[1]] },
        ImagePost: { __resolveReference: refer(posts, 'id') },
      },
    },
  },
  [
    {
      does: 'is asked of the new subgraph, for that type only',
      query: '{ feed { id made } }',
      data: {
        feed: [
          { id: 't1', made: 'new t1' },
          { id: 'i1', made: 'new i1' },
        ],
      },
      fetches: ['now', 'old'],
    },
    {
      does: 'is asked where it begins',
      query: '{ latest { ... on ImagePost { made id } } }',
      data: { latest: { made: 'new i1', id: 'i1' } },
      fetches: ['now'],
    },
    {
      does: 'leaves the type’s other fields',
      query: '{ images { made image } }',
      data: { images: [{ made: 'new i1', image: 'x.png' }] },
    },
    {
      does: 'is not asked by who asks the other type',
      query: '{ feed { ... on TextPost { made text } } }',
      data: { feed: [{ made: 'new t1', text: 'hello' }, {}] },
      fetches: ['old'],
    },
  ],
)

federationSuite(
  '@override of a field that others require, and that requires',
  {
    old: {
      typeDefs: `${link}
        type Query { person: Person }
        type Person @key(fields: "id") { id: ID! name: String greeting: String base: Int }`,
      resolvers: {
        Query: { person: () => ({ id: 'u1', base: 3 }) },
        Person: {
          __resolveReference: ({ id }: { id: string }) => ({ id, base: 3 }),
          name: notToBeAsked,
          greeting: notToBeAsked,
        },
      },
    },
    now: {
      typeDefs: `${link}
        type Person @key(fields: "id") {
          id: ID! name: String @override(from: "old") base: Int @external
          greeting: String @override(from: "old") @requires(fields: "base")
        }`,
      resolvers: {
        Person: {
          name: ({ id }: { id: string }) => `name of ${id}`,
          greeting: ({ base }: { base: number }) => 'hi'.repeat(base),
        },
      },
    },
    third: {
      typeDefs: `${link}
        type Query { guest: Person }
        type Person @key(fields: "id") { id: ID! name: String @external badge: String @requires(fields: "name") }`,
      resolvers: {
        Query: { guest: () => ({ id: 'u1' }) },
        Person: { badge: ({ name }: { name: string }) => `[${name}]` },
      },
    },
  },
  [
    {
      does: 'gives the new value to who requires it',
      query: '{ person { badge } }',
      data: { person: { badge: '[name of u1]' } },
      fetches: ['now', 'old', 'third'],
    },
    {
      does: 'gives it where it begins',
      query: '{ guest { id badge name } }',
      data: { guest: { id: 'u1', badge: '[name of u1]', name: 'name of u1' } },
    },
    {
      does: 'gets from its old subgraph what it requires itself',
      query: '{ person { greeting } }',
      data: { person: { greeting: 'hihihi' } },
      fetches: ['now', 'old'],
    },
    {
      does: 'gets it from elsewhere, too',
      query: '{ guest { greeting badge } }',
      data: { guest: { greeting: 'hihihi', badge: '[name of u1]' } },
    },
  ],
)
