import { federationSuite, link, refer } from './suite.ts'

const tickets = [
  {
    id: 't1',
    seat: { __typename: 'Bed', deck: 2, coach: 'A' },
    payer: { __typename: 'Firm', id: 'f', vat: 'V1' },
  },
  {
    id: 't2',
    seat: { __typename: 'Chair', row: 7, coach: 'B' },
    payer: { __typename: 'Person', id: 'p', name: 'Ann' },
  },
  { id: 't3', seat: null, payer: null },
]

federationSuite(
  '@requires of interfaces and unions, with fragments',
  {
    tickets: {
      typeDefs: `${link}
        type Query { tickets: [Ticket!]! }
        type Ticket @key(fields: "id") { id: ID! seat: Seat payer: Payer }
        interface Seat { coach: String }
        type Bed implements Seat { coach: String deck: Int }
        type Chair implements Seat { coach: String row: Int }
        union Payer = Firm | Person
        type Firm @key(fields: "id") { id: ID! vat: String }
        type Person @key(fields: "id") { id: ID! name: String }`,
      resolvers: { Query: { tickets: () => tickets }, Ticket: { __resolveReference: refer(tickets, 'id') } },
    },
    print: {
      typeDefs: `${link}
        type Query { printed: Ticket }
        type Ticket @key(fields: "id") {
          id: ID! seat: Seat @external payer: Payer @external
          coach: String @requires(fields: "seat { coach }")
          place: String @requires(fields: "seat { ... on Bed { deck coach } ... on Chair { row } }")
          bill: String @requires(fields: "payer { ... on Firm { vat } ... on Person { name } __typename }")
        }
        interface Seat { coach: String }
        type Bed implements Seat { coach: String @external deck: Int @external }
        type Chair implements Seat { coach: String @external row: Int @external }
        union Payer = Firm | Person
        type Firm @key(fields: "id") { id: ID! vat: String @external }
        type Person @key(fields: "id") { id: ID! name: String @external }`,
      resolvers: {
        Query: { printed: () => ({ id: 't2' }) },
        Ticket: {
          coach: ({ seat }: { seat: { coach: string } | null }) => seat?.coach ?? 'no coach',
          place: ({ seat }: { seat: object | null }) => JSON.stringify(seat),
          bill: ({ payer }: { payer: object | null }) => JSON.stringify(payer),
        },
      },
    },
  },
  [
    {
      does: 'sends fields of the interface',
      query: '{ tickets { coach } }',
      data: { tickets: [{ coach: 'A' }, { coach: 'B' }, { coach: 'no coach' }] },
      fetches: ['print', 'tickets'],
    },
    {
      does: 'sends of each type what is required of it, and no name of it that is not',
      query: '{ tickets { place } }',
      data: {
        tickets: [{ place: '{"deck":2,"coach":"A"}' }, { place: '{"row":7}' }, { place: 'null' }],
      },
    },
    {
      does: 'sends members of a union',
      query: '{ tickets { bill } }',
      data: {
        tickets: [
          { bill: '{"__typename":"Firm","vat":"V1"}' },
          { bill: '{"__typename":"Person","name":"Ann"}' },
          { bill: 'null' },
        ],
      },
    },
    {
      does: 'sends them for an object that begins there',
      query: '{ printed { place bill } }',
      data: {
        printed: {
          place: '{"row":7}',
          bill: '{"__typename":"Person","name":"Ann"}',
        },
      },
      fetches: ['print', 'print', 'tickets'],
    },
    {
      does: 'gives the client its own part of the same fields',
      query: '{ tickets { place seat { coach ... on Chair { row } } } }',
      data: {
        tickets: [
          { place: '{"deck":2,"coach":"A"}', seat: { coach: 'A' } },
          { place: '{"row":7}', seat: { coach: 'B', row: 7 } },
          { place: 'null', seat: null },
        ],
      },
    },
    {
      does: 'sends what it needs under the client’s aliases inside',
      query: '{ tickets { seat { ... on Bed { deck: coach } ... on Chair { coach: row } } place } }',
      data: {
        tickets: [
          { seat: { deck: 'A' }, place: '{"deck":2,"coach":"A"}' },
          { seat: { coach: 7 }, place: '{"row":7}' },
          { seat: null, place: 'null' },
        ],
      },
    },
  ],
)
