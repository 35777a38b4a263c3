import { federationSuite, link, refer } from './suite.ts'

const media = [
  { __typename: 'Book', id: 'b1', title: 'Walden', pages: 300, year: 1854 },
  { __typename: 'Film', id: 'f1', title: 'Metropolis', minutes: 153, year: 1927 },
]
const stars = [
  { id: 'b1', stars: 4 },
  { id: 'f1', stars: 5 },
]

const library = {
  typeDefs: `${link}
    type Query { media: [Media!]! medium(id: ID!): Media books: [Book!]! }
    interface Media @key(fields: "id") { id: ID! title: String year: Int }
    type Book implements Media @key(fields: "id") { id: ID! title: String year: Int pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String year: Int minutes: Int }`,
  resolvers: {
    Query: {
      media: () => media,
      medium: (_: unknown, { id }: { id: string }) => media.find((one) => one.id === id),
      books: () => media.slice(0, 1),
    },
    Media: { __resolveReference: refer(media, 'id') },
    Book: { __resolveReference: refer(media, 'id') },
    Film: { __resolveReference: refer(media, 'id') },
  },
}

federationSuite(
  'an @interfaceObject',
  {
    library,
    ratings: {
      typeDefs: `${link}
        type Query { best: Media rated: [Media!]! }
        type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int reviews: [Review!]! }
        type Review { text: String of: Media }`,
      resolvers: {
        Query: { best: () => stars[1], rated: () => stars },
        Media: {
          __resolveReference: refer(stars, 'id'),
          reviews: (one: { id: string }) => [{ text: `of ${one.id}`, of: one }],
        },
      },
    },
  },
  [
    {
      does: 'adds fields to all objects of the interface',
      query: '{ media { title stars } }',
      data: {
        media: [
          { title: 'Walden', stars: 4 },
          { title: 'Metropolis', stars: 5 },
        ],
      },
      fetches: ['library', 'ratings'],
    },
    {
      does: 'adds them to a type of the interface',
      query: '{ books { title stars } }',
      data: { books: [{ title: 'Walden', stars: 4 }] },
    },
    {
      does: 'adds them within a fragment on a type',
      query: '{ media { ... on Film { stars minutes } ... on Book { pages } } }',
      data: { media: [{ pages: 300 }, { stars: 5, minutes: 153 }] },
    },
    {
      does: 'needs nobody else for its own fields',
      query: '{ best { id stars } }',
      data: { best: { id: 'f1', stars: 5 } },
      fetches: ['ratings'],
    },
    {
      does: 'is completed by fields of the interface',
      query: '{ best { title stars } }',
      data: { best: { title: 'Metropolis', stars: 5 } },
      fetches: ['library', 'ratings'],
    },
    {
      does: 'learns its type for __typename',
      query: '{ rated { __typename stars } }',
      data: {
        rated: [
          { __typename: 'Book', stars: 4 },
          { __typename: 'Film', stars: 5 },
        ],
      },
    },
    {
      does: 'learns its type for fragments',
      query: '{ rated { stars ... on Book { pages } ... on Film { minutes title } } }',
      data: {
        rated: [
          { stars: 4, pages: 300 },
          { stars: 5, minutes: 153, title: 'Metropolis' },
        ],
      },
    },
    {
      does: 'learns its type for fragments on its own fields',
      query: '{ rated { ... on Film { id stars } } }',
      data: { rated: [{}, { id: 'f1', stars: 5 }] },
    },
    {
      does: 'keeps the type that is known',
      query: '{ media { __typename stars ... on Book { kind: __typename } } }',
      data: {
        media: [
          { __typename: 'Book', stars: 4, kind: 'Book' },
          { __typename: 'Film', stars: 5 },
        ],
      },
    },
    {
      does: 'leads to itself through its own types',
      query: '{ media { reviews { text of { id title __typename } } } }',
      data: {
        media: [
          { reviews: [{ text: 'of b1', of: { id: 'b1', title: 'Walden', __typename: 'Book' } }] },
          { reviews: [{ text: 'of f1', of: { id: 'f1', title: 'Metropolis', __typename: 'Film' } }] },
        ],
      },
    },
    {
      does: 'gives null where there is no object',
      query: '{ medium(id: "x") { stars title } }',
      data: { medium: null },
      fetches: ['library'],
    },
    {
      does: 'may have its fields renamed by the client',
      query: '{ best { title: id name: title points: stars } }',
      data: { best: { title: 'f1', name: 'Metropolis', points: 5 } },
    },
    {
      does: 'has an interface to those who ask for the schema',
      query: '{ __type(name: "Media") { kind possibleTypes { name } fields { name } } }',
      data: {
        __type: {
          kind: 'INTERFACE',
          possibleTypes: [{ name: 'Book' }, { name: 'Film' }],
          fields: [
            { name: 'id' },
            { name: 'title' },
            { name: 'year' },
            { name: 'stars' },
            { name: 'reviews' },
          ],
        },
      },
    },
  ],
)

federationSuite(
  'an @interfaceObject with @requires',
  {
    library,
    labels: {
      typeDefs: `${link}
        type Query { labelled: [Media!]! }
        type Media @key(fields: "id") @interfaceObject {
          id: ID! title: String @external year: Int @external
          label: String @requires(fields: "title year") loud: String @requires(fields: "title") shelf: Int
        }`,
      resolvers: {
        Query: { labelled: () => stars },
        Media: {
          label: ({ title, year }: { title: string; year: number }) => `${title} (${year})`,
          loud: ({ title }: { title: string }) => title.toUpperCase(),
          shelf: () => 3,
        },
      },
    },
  },
  [
    {
      does: 'gets what it needs of objects of the interface',
      query: '{ media { label } }',
      data: { media: [{ label: 'Walden (1854)' }, { label: 'Metropolis (1927)' }] },
      fetches: ['labels', 'library'],
    },
    {
      does: 'gets it of its own objects',
      query: '{ labelled { label } }',
      data: { labelled: [{ label: 'Walden (1854)' }, { label: 'Metropolis (1927)' }] },
      fetches: ['labels', 'labels', 'library'],
    },
    {
      does: 'gets what several fields need',
      query: '{ labelled { loud label shelf } }',
      data: {
        labelled: [
          { loud: 'WALDEN', label: 'Walden (1854)', shelf: 3 },
          { loud: 'METROPOLIS', label: 'Metropolis (1927)', shelf: 3 },
        ],
      },
    },
    {
      does: 'gets it within a fragment on a type',
      query: '{ media { ... on Book { loud } } }',
      data: { media: [{ loud: 'WALDEN' }, {}] },
    },
    {
      does: 'gets it of a type',
      query: '{ books { label pages } }',
      data: { books: [{ label: 'Walden (1854)', pages: 300 }] },
    },
    {
      does: 'gives it beside the name of the type',
      query: '{ labelled { __typename loud ... on Film { minutes } } }',
      data: {
        labelled: [
          { __typename: 'Book', loud: 'WALDEN' },
          { __typename: 'Film', loud: 'METROPOLIS', minutes: 153 },
        ],
      },
    },
    {
      does: 'gets it although the client calls something else by its name',
      query: '{ media { title: id loud } }',
      data: {
        media: [
          { title: 'b1', loud: 'WALDEN' },
          { title: 'f1', loud: 'METROPOLIS' },
        ],
      },
    },
  ],
)

// The type's fields lie in a subgraph that knows nothing of the interface.
federationSuite(
  'an @interfaceObject whose types are extended elsewhere',
  {
    library,
    authors: {
      typeDefs: `${link} extend type Book @key(fields: "id") { id: ID! author: String }`,
      resolvers: { Book: { author: ({ id }: { id: string }) => `author of ${id}` } },
    },
    lists: {
      typeDefs: `${link}
        type Query { list: List }
        type List { items: [Media!]! top: Media }
        type Media @key(fields: "id") @interfaceObject { id: ID! }`,
      resolvers: { Query: { list: () => ({ items: stars, top: stars[0] }) } },
    },
  },
  [
    {
      does: 'comes with the extension',
      query: '{ list { items { id ... on Book { author } } } }',
      data: { list: { items: [{ id: 'b1', author: 'author of b1' }, { id: 'f1' }] } },
    },
    {
      does: 'comes with the type’s own fields and the extension',
      query:
        '{ list { top { __typename title ... on Book { pages author } ... on Film { minutes } } } media { id } }',
      data: {
        list: { top: { __typename: 'Book', title: 'Walden', pages: 300, author: 'author of b1' } },
        media: [{ id: 'b1' }, { id: 'f1' }],
      },
    },
    {
      does: 'needs nobody else for its key',
      query: '{ list { items { id } } }',
      data: { list: { items: [{ id: 'b1' }, { id: 'f1' }] } },
      fetches: ['lists'],
    },
  ],
)
