import { federationSuite, link, refer } from './suite.ts'

const media = [
  { __typename: 'Book', id: 'b1', title: 'Walden', pages: 300 },
  { __typename: 'Film', id: 'f1', title: 'Metropolis', minutes: 153 },
]
const keys = media.map(({ id }) => ({ id }))

federationSuite(
  'several @interfaceObjects of one interface',
  {
    library: {
      typeDefs: `${link}
        type Query { media: [Media!]! }
        interface Media @key(fields: "id") { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
        type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }`,
      resolvers: {
        Query: { media: () => media },
        Media: { __resolveReference: refer(media, 'id') },
        Book: { __resolveReference: refer(media, 'id') },
        Film: { __resolveReference: refer(media, 'id') },
      },
    },
    stars: {
      typeDefs: `${link}
        type Query { best: [Media!]! }
        type Media @key(fields: "id") @interfaceObject { id: ID! title: String @external stars(of: Int): Int plays: Int
          fame: String @requires(fields: "title") }`,
      resolvers: {
        Query: { best: () => keys },
        Media: {
          __resolveReference: (one: object) => one,
          stars: (_: unknown, { of = 5 }: { of?: number }) => of - 1,
          plays: ({ id }: { id: string }) => (id === 'f1' ? 7 : 2),
          fame: ({ id, title }: { id?: string; title: string }) =>
            id ? title.toUpperCase() : 'without a key',
        },
      },
    },
    prices: {
      typeDefs: `${link}
        type Query { sold: [Media!]! }
        type Media @key(fields: "id") @interfaceObject {
          id: ID! plays: Int @external title: String @external price: String @requires(fields: "plays title")
        }`,
      resolvers: {
        Query: { sold: () => keys },
        Media: {
          __resolveReference: (one: object) => one,
          price: ({ plays, title }: { plays: number; title: string }) => `${title} for ${plays}`,
        },
      },
    },
  },
  [
    {
      does: 'send nothing for types whose field is not asked',
      query: '{ media { title ... on Book { fame } } }',
      data: { media: [{ title: 'Walden', fame: 'WALDEN' }, { title: 'Metropolis' }] },
    },
    {
      does: 'give one name to different fields of different types',
      query: '{ media { fame ... on Book { a: plays } ... on Film { a: minutes } } }',
      data: {
        media: [
          { fame: 'WALDEN', a: 2 },
          { fame: 'METROPOLIS', a: 153 },
        ],
      },
    },
    {
      does: 'give a field under two names, and with two arguments',
      query: '{ best { __typename fame again: fame stars(of: 3) more: stars } }',
      data: {
        best: [
          { __typename: 'Book', fame: 'WALDEN', again: 'WALDEN', stars: 2, more: 4 },
          { __typename: 'Film', fame: 'METROPOLIS', again: 'METROPOLIS', stars: 2, more: 4 },
        ],
      },
    },
    {
      does: 'give to one type what another of them requires, where the object begins in a third',
      query: '{ sold { ... on Film { fame } } }',
      data: { sold: [{}, { fame: 'METROPOLIS' }] },
    },
    {
      does: 'give it under conditions, in fragments within fragments',
      query: `query ($yes: Boolean!) { sold { ... on Film @include(if: $yes) { minutes ... on Media { ...F } } } }
        fragment F on Film { fame }`,
      variables: { yes: true },
      data: { sold: [{}, { minutes: 153, fame: 'METROPOLIS' }] },
    },
    {
      does: 'require of one another, and of the types, in time',
      query: '{ best { ... on Film { price } } media { price } }',
      data: {
        best: [{}, { price: 'Metropolis for 7' }],
        media: [{ price: 'Walden for 2' }, { price: 'Metropolis for 7' }],
      },
    },
  ],
)
