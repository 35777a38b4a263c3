import { federationSuite, link, refer } from './suite.ts'

const books = [
  { id: '1', isbn: 'i1', writer: { id: 'w1' } },
  { id: '2', isbn: null, writer: { id: 'w2' } },
  { id: '3', isbn: 'i3', writer: null },
]

federationSuite(
  'keys that are null, and entities that are not there',
  {
    shelf: {
      typeDefs: `${link}
        type Query { books: [Book!]! writers: [Writer] }
        type Book @key(fields: "isbn") { isbn: ID writer: Writer }
        type Writer @key(fields: "id") { id: ID }`,
      resolvers: {
        Query: { books: () => books, writers: () => [{ id: 'w1' }, null, { id: 'nobody' }, { id: 'w2' }] },
        Book: { __resolveReference: refer(books, 'isbn') },
      },
    },
    texts: {
      typeDefs: `${link}
        type Book @key(fields: "isbn") @key(fields: "id") { isbn: ID id: ID text: String }`,
      resolvers: {
        Book: {
          __resolveReference: ({ isbn }: { isbn: string | null }) =>
            isbn === null ? null : { isbn, id: isbn.slice(1), text: `text of ${isbn}` },
        },
      },
    },
    writers: {
      typeDefs: `${link} type Writer @key(fields: "id") { id: ID name: String born: Int! }`,
      resolvers: {
        Writer: {
          __resolveReference: ({ id }: { id: string }) =>
            id === 'nobody' ? null : { id, name: `name of ${id}`, born: 1900 },
        },
      },
    },
    lending: {
      typeDefs: `${link} type Book @key(fields: "id") { id: ID lent: Boolean }`,
      resolvers: { Book: { lent: ({ id }: { id: string }) => id === '1' } },
    },
  },
  [
    {
      does: 'give null fields, not errors',
      query: '{ books { isbn text } }',
      data: {
        books: [
          { isbn: 'i1', text: 'text of i1' },
          { isbn: null, text: null },
          { isbn: 'i3', text: 'text of i3' },
        ],
      },
    },
    {
      does: 'lead over a second key, as far as there is one',
      query: '{ books { lent } }',
      data: { books: [{ lent: true }, { lent: null }, { lent: false }] },
    },
    {
      does: 'leave an object null that is null',
      query: '{ books { writer { name } } }',
      data: {
        books: [{ writer: { name: 'name of w1' } }, { writer: { name: 'name of w2' } }, { writer: null }],
      },
    },
    {
      does: 'give null fields to an entity that is not found',
      query: '{ writers { id name } }',
      data: {
        writers: [
          { id: 'w1', name: 'name of w1' },
          null,
          { id: 'nobody', name: null },
          { id: 'w2', name: 'name of w2' },
        ],
      },
    },
    {
      does: 'take an entity along whose field may not be null',
      query: '{ writers { id born } }',
      data: { writers: [{ id: 'w1', born: 1900 }, null, null, { id: 'w2', born: 1900 }] },
      errors: ['writers.2.born: INTERNAL_SERVER_ERROR'],
    },
  ],
)
