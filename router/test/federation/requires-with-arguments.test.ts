import { federationSuite, link } from './suite.ts'

const prices: Record<string, number> = { EUR: 10, USD: 12, GBP: 9 }

interface Sent {
  readonly price?: number
  readonly kind?: { readonly mean?: number }
}

federationSuite(
  '@requires with arguments',
  {
    goods: {
      typeDefs: `${link}
        type Query { goods: [Good!]! }
        type Good @key(fields: "id") {
          id: ID! name: String weight: Int price(in: String!): Int net(of: Int = 1): Int kind: Kind comments(limit: Int!): [Comment!]!
        }
        type Kind { mean(in: String!): Int }
        type Comment @key(fields: "id") { id: ID! by: String }`,
      resolvers: {
        Query: { goods: () => [{ id: 'g1', name: 'Tea', weight: 2 }] },
        Good: {
          __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Tea', weight: 2 }),
          price: (_, args: { in: string }) => prices[args.in],
          net: (_, { of }: { of: number }) => of * 100,
          kind: () => ({}),
          comments: (_, { limit }: { limit: number }) =>
            ['Ann', 'Bob', 'Cem', 'Dan'].slice(0, limit).map((by, index) => ({ id: `c${index}`, by })),
        },
        Kind: { mean: (_, args: { in: string }) => (prices[args.in] ?? 0) * 10 },
      },
    },
    post: {
      typeDefs: `${link}
        type Good @key(fields: "id") {
          id: ID! weight: Int @external price(in: String!): Int @external kind: Kind @external
          net(of: Int = 1): Int @external comments(limit: Int!): [Comment!]! @external
          postage: Int @requires(fields: "price(in: \\"USD\\") weight")
          postageIn(rate: Int!): Int @requires(fields: "price(in: \\"EUR\\") weight")
          insured: Int @requires(fields: "price(in: \\"GBP\\")")
          dear: Boolean @requires(fields: "kind { mean(in: \\"USD\\") }")
          dearIn: Boolean @requires(fields: "kind { mean(in: \\"EUR\\") }")
          first: Int @requires(fields: "net")
          last: String @requires(fields: "comments(limit: 3) { by }")
          size: Int @requires(fields: "weight")
        }
        type Kind @external { mean(in: String!): Int }
        type Comment @key(fields: "id") { id: ID! by: String @external }`,
      resolvers: {
        Good: {
          postage: ({ price, weight }: Sent & { weight: number }) => (price ?? NaN) * weight,
          postageIn: ({ price, weight }: Sent & { weight: number }, { rate }: { rate: number }) =>
            (price ?? NaN) * weight * rate,
          insured: ({ price }: Sent) => price,
          dear: ({ kind }: Sent) => kind?.mean === 120,
          dearIn: ({ kind }: Sent) => kind?.mean === 100,
          first: ({ net }: { net: number }) => net,
          last: ({ comments }: { comments: { by: string }[] }) => comments.map(({ by }) => by).join(),
          size: ({ weight }: { weight: number }) => weight * 2,
        },
      },
    },
  },
  [
    {
      does: 'is fetched with them',
      query: '{ goods { postage } }',
      data: { goods: [{ postage: 24 }] },
      fetches: ['goods', 'post'],
    },
    { does: 'is fetched with them inside', query: '{ goods { dear } }', data: { goods: [{ dear: true }] } },
    {
      does: 'is not what the client asks with others',
      query: '{ goods { price(in: "GBP") postage } }',
      data: { goods: [{ price: 9, postage: 24 }] },
    },
    {
      does: 'is not what the client asks with a variable',
      query:
        'query ($in: String = "GBP") { goods { ...A ...B postage } } fragment A on Good { price(in: $in) } fragment B on Good { price(in: $in) }',
      data: { goods: [{ price: 9, postage: 24 }] },
    },
    {
      does: 'is what the client asks with the same',
      query: '{ goods { price(in: "USD") postage } }',
      data: { goods: [{ price: 12, postage: 24 }] },
    },
    {
      does: 'is a list that the client asks shorter',
      query: '{ goods { comments(limit: 1) { id } last } }',
      data: { goods: [{ comments: [{ id: 'c0' }], last: 'Ann,Bob,Cem' }] },
    },
    {
      does: 'is a list that the client asks longer',
      query: '{ goods { last comments(limit: 4) { by } } }',
      data: {
        goods: [
          { last: 'Ann,Bob,Cem', comments: [{ by: 'Ann' }, { by: 'Bob' }, { by: 'Cem' }, { by: 'Dan' }] },
        ],
      },
    },
    {
      does: 'has its default although the client gives another value',
      query: '{ goods { net(of: 7) first } }',
      data: { goods: [{ net: 700, first: 100 }] },
    },
    {
      does: 'may differ between two fields',
      query: '{ goods { postage insured } }',
      data: { goods: [{ postage: 24, insured: 9 }] },
    },
    {
      does: 'may differ between many fields, of which some have arguments of the client',
      query: 'query ($rate: Int!) { goods { name postage postageIn(rate: $rate) insured size } }',
      variables: { rate: 10 },
      data: { goods: [{ name: 'Tea', postage: 24, postageIn: 200, insured: 9, size: 4 }] },
    },
    {
      does: 'may differ inside',
      query: '{ goods { dear dearIn } }',
      data: { goods: [{ dear: true, dearIn: true }] },
    },
    {
      does: 'may differ and be asked by the client too',
      query: '{ goods { price(in: "GBP") kind { mean(in: "GBP") } dear dearIn postage insured } }',
      data: { goods: [{ price: 9, kind: { mean: 90 }, dear: true, dearIn: true, postage: 24, insured: 9 }] },
    },
    {
      does: 'may be left out by a variable',
      query: 'query ($no: Boolean!) { goods { postage insured @include(if: $no) } }',
      variables: { no: false },
      data: { goods: [{ postage: 24 }] },
    },
    {
      does: 'is no part of the schema',
      query: '{ __type(name: "Good") { fields { name } } }',
      data: {
        __type: {
          fields: [
            ...['id', 'name', 'weight', 'price', 'net', 'kind', 'comments'],
            ...['postage', 'postageIn', 'insured', 'dear', 'dearIn', 'first', 'last', 'size'],
          ].map((name) => ({ name })),
        },
      },
    },
  ],
)
