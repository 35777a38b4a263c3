import { federationSuite, link, notToBeAsked } from './suite.ts'

const known = { id: 'e1', name: 'One', text: 'About one', extra: 'More' }

// The owner throws for what is provided elsewhere, the provider for what nobody asked.
federationSuite(
  '@provides',
  {
    owner: {
      typeDefs: `${link}
        type Entity @key(fields: "id") { id: ID! name: String! @shareable text: String! @shareable extra: String! }`,
      resolvers: {
        Entity: {
          __resolveReference: ({ id }: { id: string }) => ({ id, extra: 'More' }),
          name: notToBeAsked,
          text: notToBeAsked,
        },
      },
    },
    provider: {
      typeDefs: `${link}
        type Query { one: Entity @provides(fields: "name text") all: [Entity!] @provides(fields: "name text") }
        type Entity @key(fields: "id") { id: ID! name: String! @external text: String! @external }`,
      resolvers: {
        Query: { one: () => known, all: () => [known, { ...known, id: 'e2', name: 'Two' }] },
        Entity: { text: notToBeAsked },
      },
    },
  },
  [
    {
      does: 'is not used for a key',
      query: '{ one { id } }',
      data: { one: { id: 'e1' } },
      fetches: ['provider'],
    },
    {
      does: 'gives the field that is asked, and asks no other',
      query: '{ one { id name } }',
      data: { one: { id: 'e1', name: 'One' } },
      fetches: ['provider'],
    },
    { does: 'gives it under an alias', query: '{ one { text: name } }', data: { one: { text: 'One' } } },
    {
      does: 'gives it in fragments',
      query: '{ one { ...N ... { id } ... on Entity { id } } } fragment N on Entity { name }',
      data: { one: { name: 'One', id: 'e1' } },
      fetches: ['provider'],
    },
    {
      does: 'leaves the rest to the owner',
      query: '{ one { name extra } }',
      data: { one: { name: 'One', extra: 'More' } },
      fetches: ['owner', 'provider'],
    },
    {
      does: 'gives it in lists',
      query: '{ all { id name extra } }',
      data: {
        all: [
          { id: 'e1', name: 'One', extra: 'More' },
          { id: 'e2', name: 'Two', extra: 'More' },
        ],
      },
    },
    {
      does: 'asks nothing that is skipped',
      query: '{ one { id ... @skip(if: true) { text } } }',
      data: { one: { id: 'e1' } },
    },
    {
      does: 'asks nothing that a variable leaves out',
      query: 'query ($no: Boolean!) { one { name text @include(if: $no) } }',
      variables: { no: false },
      data: { one: { name: 'One' } },
    },
    {
      does: 'gives it although a part comes from the owner, side by side',
      query: '{ one { ... { name } ... { extra } } }',
      data: { one: { name: 'One', extra: 'More' } },
    },
  ],
)

federationSuite(
  'nested @provides',
  {
    tree: {
      typeDefs: `${link}
        type Query { root: Leaf }
        type Leaf @key(fields: "id") { id: ID! name: String @shareable kind: Kind @shareable }
        type Kind @key(fields: "id") { id: ID! name: String @shareable boss: Boss @shareable }
        type Boss @key(fields: "id") { id: ID! name: String @shareable age: Int }`,
      resolvers: {
        Query: { root: () => ({ id: 'l1', name: 'Leaf', kind: { id: 'k1', name: 'Kind' } }) },
        Boss: { __resolveReference: ({ id }: { id: string }) => ({ id, age: 50 }), name: notToBeAsked },
        Kind: { boss: notToBeAsked },
      },
    },
    forest: {
      typeDefs: `${link}
        type Query { leaves: [Leaf!]! @provides(fields: "kind { name boss { name id } }") }
        type Leaf @key(fields: "id") { id: ID! kind: Kind @external }
        type Kind @key(fields: "id") { id: ID! name: String @external boss: Boss @external }
        type Boss @key(fields: "id") { id: ID! name: String @external }`,
      resolvers: {
        Query: {
          leaves: () => [{ id: 'l1', kind: { id: 'k1', name: 'Kind', boss: { id: 'b1', name: 'Boss' } } }],
        },
      },
    },
  },
  [
    {
      does: 'gives what is provided, at every depth',
      query: '{ leaves { kind { name boss { name } } } }',
      data: { leaves: [{ kind: { name: 'Kind', boss: { name: 'Boss' } } }] },
      fetches: ['forest'],
    },
    {
      does: 'leads on to what is not',
      query: '{ leaves { id kind { boss { name age } } } }',
      data: { leaves: [{ id: 'l1', kind: { boss: { name: 'Boss', age: 50 } } }] },
      fetches: ['forest', 'tree'],
    },
    {
      does: 'is for its own field only',
      query: '{ root { name kind { name } } }',
      data: { root: { name: 'Leaf', kind: { name: 'Kind' } } },
      fetches: ['tree'],
    },
  ],
)

const animals = [
  { __typename: 'Dog', id: 'd1', name: 'Rex', age: 3 },
  { __typename: 'Cat', id: 'c1', name: 'Minka', age: 4 },
]

federationSuite(
  '@provides on an interface and on a union',
  {
    zoo: {
      typeDefs: `${link}
        type Query { animals: [Animal!]! @shareable }
        interface Animal { id: ID! name: String }
        type Dog implements Animal @key(fields: "id") { id: ID! name: String @shareable age: Int @shareable }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String @shareable age: Int @shareable }`,
      resolvers: {
        Query: { animals: () => animals },
        Dog: { __resolveReference: () => ({ age: 3, name: 'of the zoo' }) },
        Cat: { __resolveReference: () => ({ age: 4, name: 'of the zoo' }) },
      },
    },
    vet: {
      typeDefs: `${link}
        type Query {
          patients: [Animal!]! @provides(fields: "... on Dog { name } ... on Cat { age }")
          found: [Found!]! @provides(fields: "... on Cat { name }")
        }
        interface Animal { id: ID! }
        union Found = Cat | Dog
        type Dog implements Animal @key(fields: "id") { id: ID! name: String @external }
        type Cat implements Animal @key(fields: "id") { id: ID! name: String @external age: Int @external }`,
      resolvers: {
        Query: {
          patients: () => animals.map((one) => ({ ...one, name: 'of the vet', age: 99 })),
          found: () => animals.map((one) => ({ ...one, name: 'of the vet' })),
        },
      },
    },
  },
  [
    {
      does: 'gives each type what is provided for it',
      query: '{ patients { id ... on Dog { name } ... on Cat { age } } }',
      data: {
        patients: [
          { id: 'd1', name: 'of the vet' },
          { id: 'c1', age: 99 },
        ],
      },
      fetches: ['vet'],
    },
    {
      does: 'asks the owner what is not provided for the type',
      query: '{ patients { ... on Dog { age } ... on Cat { name } } }',
      data: { patients: [{ age: 3 }, { name: 'of the zoo' }] },
      fetches: ['vet', 'zoo'],
    },
    {
      does: 'gives both where the client asks by the interface',
      query: '{ patients { name } }',
      data: { patients: [{ name: 'of the vet' }, { name: 'of the zoo' }] },
    },
    {
      does: 'gives a member of a union what is provided for it',
      query: '{ found { ... on Cat { name } } }',
      data: { found: [{}, { name: 'of the vet' }] },
      fetches: ['vet'],
    },
    {
      does: 'asks the owner for the other member',
      query: '{ found { __typename ... on Cat { name } ... on Dog { name } } }',
      data: {
        found: [
          { __typename: 'Dog', name: 'of the zoo' },
          { __typename: 'Cat', name: 'of the vet' },
        ],
      },
    },
    {
      does: 'gives the interface’s fields from where they are owned',
      query: '{ animals { id name } }',
      data: {
        animals: [
          { id: 'd1', name: 'Rex' },
          { id: 'c1', name: 'Minka' },
        ],
      },
      fetches: ['zoo'],
    },
  ],
)
