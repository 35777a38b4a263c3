import { federationSuite, link, notToBeAsked } from './suite.ts'

// Who wrote a comment is needed of comments that the subgraph itself lists, and is known elsewhere.
federationSuite(
  '@requires with arguments, of its own subgraph’s field',
  {
    feed: {
      typeDefs: `${link}
        type Query { feed: [Post!]! }
        type Post @key(fields: "id") { id: ID! comments(limit: Int!): [Comment!]! @external }
        type Comment @key(fields: "id") {
          id: ID! by: ID same: [Post!]! @external spam: Boolean @requires(fields: "same { comments(limit: 50) { id } }")
        }`,
      resolvers: {
        Query: { feed: () => [{ id: 'p1' }, { id: 'p2' }] },
        Comment: {
          by: ({ id }: { id: string }) => `author of ${id}`,
          spam: ({ same }: { same: { comments: { id: string }[] }[] }) =>
            same.flatMap(({ comments }) => comments).length > 3,
        },
      },
    },
    comments: {
      typeDefs: `${link}
        type Post @key(fields: "id") {
          id: ID! comments(limit: Int!): [Comment!]! author: String @requires(fields: "comments(limit: 3) { by }")
        }
        type Comment @key(fields: "id") { id: ID! by: ID @external same: [Post!]! }`,
      resolvers: {
        Post: {
          comments: ({ id }: { id: string }, { limit }: { limit: number }) =>
            Array.from({ length: Math.min(limit, 4) }, (_, index) => ({ id: `${id}c${index}` })),
          author: ({ comments }: { comments: { by: string }[] }) => comments.at(-1)?.by,
        },
        Comment: { same: ({ id }: { id: string }) => (id.startsWith('p1') ? [{ id: 'p2' }] : []) },
      },
    },
  },
  [
    {
      does: 'is fetched, and completed elsewhere',
      query: '{ feed { author } }',
      data: { feed: [{ author: 'author of p1c2' }, { author: 'author of p2c2' }] },
    },
    {
      does: 'is fetched beside the client’s own',
      query: 'query ($limit: Int = 1) { feed { author comments(limit: $limit) { id } } }',
      data: {
        feed: [
          { author: 'author of p1c2', comments: [{ id: 'p1c0' }] },
          { author: 'author of p2c2', comments: [{ id: 'p2c0' }] },
        ],
      },
    },
    {
      does: 'is fetched within what the client asks of the same field',
      query: '{ feed { comments(limit: 2) { spam } } }',
      data: {
        feed: [
          { comments: [{ spam: true }, { spam: true }] },
          { comments: [{ spam: false }, { spam: false }] },
        ],
      },
    },
  ],
)

// As above, without arguments. The feed's own comments are only there to be sent to it.
federationSuite(
  '@requires of its own subgraph’s field, which is @external elsewhere',
  {
    feed: {
      typeDefs: `${link}
        type Query { feed: [Post!]! }
        type Post @key(fields: "id") {
          id: ID! top: Comment @external spam: Boolean @requires(fields: "top { id }")
        }
        type Comment @key(fields: "id") { id: ID! by: ID }`,
      resolvers: {
        Query: { feed: () => [{ id: 'p1' }] },
        Post: { spam: ({ top }: { top: { id: string } }) => top.id === 'c of p1', top: notToBeAsked },
        Comment: { by: ({ id }: { id: string }) => `author of ${id}` },
      },
    },
    comments: {
      typeDefs: `${link}
        type Post @key(fields: "id") { id: ID! top: Comment author: String @requires(fields: "top { by }") }
        type Comment @key(fields: "id") { id: ID! by: ID @external }`,
      resolvers: {
        Post: {
          top: ({ id }: { id: string }) => ({ id: `c of ${id}` }),
          author: ({ top }: { top: { by: string } }) => top.by,
        },
      },
    },
  },
  [
    {
      does: 'is asked of its own subgraph',
      query: '{ feed { author } }',
      data: { feed: [{ author: 'author of c of p1' }] },
      fetches: ['comments', 'comments', 'feed', 'feed'],
    },
    {
      does: 'is asked beside what the other requires, and the client',
      query: '{ feed { author spam top { id by } } }',
      data: {
        feed: [{ author: 'author of c of p1', spam: true, top: { id: 'c of p1', by: 'author of c of p1' } }],
      },
    },
  ],
)
