import { federationSuite, link, refer, type Case } from './suite.ts'
import type { Subgraph } from './start-graph.ts'

const people = [{ id: 'u1', name: 'Ann', rank: 3 }]
const carts = [{ id: 'u1', cart: 7 }]

/** The subgraph that knows people whole. */
const owner: Subgraph = {
  typeDefs: `${link}
    type Query { person(id: ID!): Person }
    type Person @key(fields: "id") { id: ID! name: String @shareable rank: Int @shareable }`,
  resolvers: {
    Query: { person: (_, { id }: { id: string }) => people.find((one) => one.id === id) },
    Person: { __resolveReference: refer(people, 'id') },
  },
}

const carried = {
  Query: { buyer: () => carts[0], provided: () => ({ ...carts[0], name: 'Ann' }) },
  Person: { __resolveReference: refer(carts, 'id') },
}

const cases: readonly Case[] = [
  {
    does: 'gives the key alone',
    query: '{ buyer { id } }',
    data: { buyer: { id: 'u1' } },
    fetches: ['carts'],
  },
  {
    does: 'gives what its owner knows',
    query: '{ buyer { id name rank cart } }',
    data: { buyer: { id: 'u1', name: 'Ann', rank: 3, cart: 7 } },
    fetches: ['carts', 'people'],
  },
  {
    does: 'gives to the owner’s object what others add to it',
    query: '{ person(id: "u1") { name cart } }',
    data: { person: { name: 'Ann', cart: 7 } },
    fetches: ['carts', 'people'],
  },
  {
    does: 'takes what is provided from where it is provided',
    query: '{ provided { id name } }',
    data: { provided: { id: 'u1', name: 'Ann' } },
    fetches: ['carts'],
  },
  {
    does: 'asks the owner beside what is provided',
    query: '{ provided { name rank } }',
    data: { provided: { name: 'Ann', rank: 3 } },
    fetches: ['carts', 'people'],
  },
]

const query = 'buyer: Person provided: Person @provides(fields: "name")'
const suites: readonly [string, string][] = [
  [
    'federation 1: extend type with @external',
    `extend type Query { ${query} }
      extend type Person @key(fields: "id") { id: ID! @external name: String @external cart: Int }`,
  ],
  [
    'federation 1: type @extends with @external',
    `type Query @extends { ${query} }
      type Person @extends @key(fields: "id") { id: ID! @external name: String @external cart: Int }`,
  ],
  [
    'federation 2: extend type with @external',
    `${link} type Query { ${query} }
      extend type Person @key(fields: "id") { id: ID! name: String @external cart: Int }`,
  ],
  [
    'federation 2: type @extends with @external on its key',
    `${link} type Query { ${query} }
      type Person @extends @key(fields: "id") { id: ID! @external name: String @external cart: Int }`,
  ],
]

for (const [title, typeDefs] of suites)
  federationSuite(title, { people: owner, carts: { typeDefs, resolvers: carried } }, cases)

federationSuite(
  'federation 1: an extension by another key than the owner’s first',
  {
    people: {
      typeDefs: `type Query { person: Person }
        type Person @key(fields: "id") @key(fields: "email") { id: ID! email: String name: String }`,
      resolvers: {
        Query: { person: () => ({ id: '1', email: 'ann@here', name: 'Ann' }) },
        Person: {
          __resolveReference: ({ email }: { email: string }) => email && { id: '1', email, name: 'Ann' },
        },
      },
    },
    letters: {
      typeDefs: `extend type Query { letter: Letter }
        type Letter @key(fields: "id") { id: ID! to: Person }
        type Person @key(fields: "email") @extends { email: String @external letters: [Letter!] }`,
      resolvers: {
        Query: { letter: () => ({ id: 'l1', to: { email: 'ann@here' } }) },
        Person: { letters: ({ email }: { email: string }) => [{ id: `to ${email}` }] },
      },
    },
  },
  [
    {
      does: 'finds the owner’s object',
      query: '{ letter { to { id name } } }',
      data: { letter: { to: { id: '1', name: 'Ann' } } },
      fetches: ['letters', 'people'],
    },
    {
      does: 'is found from the owner’s object',
      query: '{ person { letters { id } } }',
      data: { person: { letters: [{ id: 'to ann@here' }] } },
      fetches: ['letters', 'people'],
    },
  ],
)

// `weight` is @external and nothing of the subgraph needs it: federation 1 allows that, and nobody may ask it there.
federationSuite(
  'an @external field that nothing uses',
  {
    goods: {
      typeDefs: `type Query { good: Good } type Good @key(fields: "id") { id: ID! weight: Int }`,
      resolvers: { Query: { good: () => ({ id: 'g1', weight: 5 }) }, Good: { weight: () => 5 } },
    },
    prices: {
      typeDefs: `extend type Query { offer: Good }
        extend type Good @key(fields: "id") { id: ID! @external weight: Int @external price: Int }`,
      resolvers: { Query: { offer: () => ({ id: 'g1', weight: 99 }) }, Good: { price: () => 10 } },
    },
  },
  [
    {
      does: 'is asked of its owner',
      query: '{ offer { id weight price } }',
      data: { offer: { id: 'g1', weight: 5, price: 10 } },
      fetches: ['goods', 'prices'],
    },
    {
      does: 'costs nothing where it is not asked',
      query: '{ good { weight } offer { price } }',
      data: { good: { weight: 5 }, offer: { price: 10 } },
      fetches: ['goods', 'prices'],
    },
  ],
)
