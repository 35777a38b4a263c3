import { federationSuite, link, refer } from './suite.ts'

const animals = [
  { __typename: 'Cat', id: 'c1', name: 'Minka', lives: 9 },
  { __typename: 'Dog', id: 'd1', name: 'Rex', tricks: ['sit', 'roll'] },
  { __typename: 'Fish', id: 'f1', name: 'Bubbles', salt: false },
]
const homes = [
  { __typename: 'Cat', id: 'c1', home: { street: 'Main' }, price: 50 },
  { __typename: 'Dog', id: 'd1', home: { street: 'Side' }, price: 80 },
]

federationSuite(
  'interfaces and unions over three subgraphs',
  {
    zoo: {
      typeDefs: `${link}
        type Query { animals: [Animal!]! pets: [Pet!]! animal(id: ID!): Animal first: Found swimmer: Swimmer }
        interface Animal { id: ID! name: String }
        interface Pet implements Animal { id: ID! name: String }
        interface Swimmer { salt: Boolean }
        union Found = Cat | Fish | Sign
        type Cat implements Animal & Pet @key(fields: "id") { id: ID! name: String lives: Int }
        type Dog implements Animal & Pet @key(fields: "id") { id: ID! name: String tricks: [String!] }
        type Fish implements Animal & Swimmer @key(fields: "id") { id: ID! name: String salt: Boolean }
        type Sign { text: String }`,
      resolvers: {
        Query: {
          animals: () => animals,
          pets: () => animals.slice(0, 2),
          animal: (_, { id }: { id: string }) => animals.find((one) => one.id === id),
          first: () => ({ __typename: 'Sign', text: 'Closed' }),
          swimmer: () => animals[2],
        },
        Cat: { __resolveReference: refer(animals, 'id') },
        Dog: { __resolveReference: refer(animals, 'id') },
        Fish: { __resolveReference: refer(animals, 'id') },
      },
    },
    shop: {
      typeDefs: `${link}
        type Query { sold: [Sold] }
        union Sold = Cat | Dog
        interface Priced { price: Int }
        type Cat implements Priced @key(fields: "id") { id: ID! home: Home price: Int }
        type Dog implements Priced @key(fields: "id") { id: ID! home: Home price: Int }
        type Home { street: String }`,
      resolvers: {
        Query: { sold: () => [...homes, null] },
        Cat: { __resolveReference: refer(homes, 'id') },
        Dog: { __resolveReference: refer(homes, 'id') },
      },
    },
    vet: {
      typeDefs: `${link}
        interface Patient { id: ID! checkedAt: String }
        type Cat implements Patient @key(fields: "id") { id: ID! checkedAt: String }
        type Fish implements Patient @key(fields: "id") { id: ID! checkedAt: String }
        type Query { patients: [Patient!]! }`,
      resolvers: {
        Query: {
          patients: () => [
            { __typename: 'Fish', id: 'f1' },
            { __typename: 'Cat', id: 'c1' },
          ],
        },
        Cat: { checkedAt: ({ id }: { id: string }) => `today ${id}` },
        Fish: { checkedAt: ({ id }: { id: string }) => `never ${id}` },
      },
    },
  },
  [
    {
      does: 'gives fields of the interface',
      query: '{ animals { id name } }',
      data: {
        animals: [
          { id: 'c1', name: 'Minka' },
          { id: 'd1', name: 'Rex' },
          { id: 'f1', name: 'Bubbles' },
        ],
      },
      fetches: ['zoo'],
    },
    {
      does: 'gives fields of the types, each to its own objects',
      query: '{ animals { ... on Cat { lives } ... on Dog { tricks } ... on Fish { salt } } }',
      data: { animals: [{ lives: 9 }, { tricks: ['sit', 'roll'] }, { salt: false }] },
    },
    {
      does: 'gives fields of another subgraph to the types that have them',
      query: '{ animals { name ... on Cat { price } ... on Dog { home { street } } } }',
      data: {
        animals: [
          { name: 'Minka', price: 50 },
          { name: 'Rex', home: { street: 'Side' } },
          { name: 'Bubbles' },
        ],
      },
      fetches: ['shop', 'zoo'],
    },
    {
      does: 'takes fragments on an interface that only another subgraph has',
      query: '{ animals { ... on Priced { price } } }',
      data: { animals: [{ price: 50 }, { price: 80 }, {}] },
    },
    {
      does: 'takes fragments on an interface within fragments on a type',
      query: '{ animals { ... on Cat { ... on Pet { name ... on Animal { id } } } } }',
      data: { animals: [{ name: 'Minka', id: 'c1' }, {}, {}] },
    },
    {
      does: 'takes fragments on a union',
      query: '{ animals { ... on Found { __typename ... on Fish { salt } } } }',
      data: { animals: [{ __typename: 'Cat' }, {}, { __typename: 'Fish', salt: false }] },
    },
    {
      does: 'asks one object of three subgraphs',
      query: '{ animal(id: "c1") { name ... on Cat { lives price checkedAt home { street } } } }',
      data: {
        animal: { name: 'Minka', lives: 9, price: 50, checkedAt: 'today c1', home: { street: 'Main' } },
      },
      fetches: ['shop', 'vet', 'zoo'],
    },
    {
      does: 'gives an empty object where no fragment is for the type',
      query: '{ animal(id: "f1") { ... on Dog { tricks } } }',
      data: { animal: {} },
    },
    {
      does: 'gives null for an object that is not there',
      query: '{ animal(id: "x") { name ... on Cat { price } } }',
      data: { animal: null },
      fetches: ['zoo'],
    },
    {
      does: 'keeps nulls in a list of a union, in their places',
      query: '{ sold { ... on Cat { name } ... on Dog { name price } } }',
      data: { sold: [{ name: 'Minka' }, { name: 'Rex', price: 80 }, null] },
    },
    {
      does: 'gives a member of a union that is no entity',
      query: '{ first { __typename ... on Sign { text } ... on Cat { name } } }',
      data: { first: { __typename: 'Sign', text: 'Closed' } },
    },
    {
      does: 'completes objects that come by an interface of another subgraph',
      query: '{ patients { id checkedAt ... on Fish { name salt } ... on Cat { price lives } } }',
      data: {
        patients: [
          { id: 'f1', checkedAt: 'never f1', name: 'Bubbles', salt: false },
          { id: 'c1', checkedAt: 'today c1', price: 50, lives: 9 },
        ],
      },
    },
    {
      does: 'takes fragments of one interface on objects that come by another',
      query:
        '{ pets { ... on Patient { checkedAt } ... on Priced { price } } swimmer { ... on Animal { name } } }',
      data: {
        pets: [{ checkedAt: 'today c1', price: 50 }, { price: 80 }],
        swimmer: { name: 'Bubbles' },
      },
    },
    {
      does: 'merges named fragments of one field',
      query: `{ animals { ...Named ...Costly } } fragment Named on Animal { name }
        fragment Costly on Dog { name price home { ...Where } } fragment Where on Home { street }`,
      data: {
        animals: [
          { name: 'Minka' },
          { name: 'Rex', price: 80, home: { street: 'Side' } },
          { name: 'Bubbles' },
        ],
      },
    },
    {
      does: 'answers the same field under several aliases',
      query: '{ a: animals { n: name } b: animals { m: name ... on Dog { cost: price } } }',
      data: {
        a: [{ n: 'Minka' }, { n: 'Rex' }, { n: 'Bubbles' }],
        b: [{ m: 'Minka' }, { m: 'Rex', cost: 80 }, { m: 'Bubbles' }],
      },
    },
    {
      does: 'refuses a field that the interface has not',
      query: '{ animals { price } }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
  ],
)
