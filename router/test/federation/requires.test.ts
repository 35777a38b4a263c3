import { federationSuite, link, refer } from './suite.ts'

const goods = [
  { id: 'g1', name: 'Tea', price: 5, weight: 2, shape: { height: 3, width: 4 } },
  { id: 'g2', name: 'Rice', price: 20, weight: null, shape: null },
]

federationSuite(
  '@requires',
  {
    goods: {
      typeDefs: `${link}
        type Query { goods: [Good!]! }
        type Good @key(fields: "id") { id: ID! name: String price: Int! @shareable weight: Int shape: Shape }
        type Shape { height: Int width: Int }`,
      resolvers: { Query: { goods: () => goods }, Good: { __resolveReference: refer(goods, 'id') } },
    },
    post: {
      typeDefs: `${link}
        type Query { parcel: Good }
        type Good @key(fields: "id") {
          id: ID! price: Int! @external weight: Int @external shape: Shape @external
          postage: Int @requires(fields: "price weight")
          box: String @requires(fields: "shape { height width }")
          duty: Int @requires(fields: "price")
          label: String! stamp: Stamp
        }
        type Shape @external { height: Int width: Int }
        type Stamp { of: Good @provides(fields: "price") }`,
      resolvers: {
        Query: { parcel: () => ({ id: 'g1' }) },
        Good: {
          postage: ({ price, weight }: { price: number; weight: number | null }) => price * (weight ?? 1),
          box: ({ shape }: { shape: { height: number; width: number } | null }) =>
            shape ? `${shape.height}x${shape.width}` : 'none',
          duty: ({ price }: { price: number }) => price * 2,
          label: ({ id }: { id: string }) => `to ${id}`,
          stamp: ({ id }: { id: string }) => ({ of: { id, price: 77 } }),
        },
      },
    },
    advice: {
      typeDefs: `${link}
        type Good @key(fields: "id") {
          id: ID! postage: Int @external box: String @external
          worth: Boolean @requires(fields: "postage")
          hint: String @requires(fields: "postage box")
        }`,
      resolvers: {
        Good: {
          worth: ({ postage }: { postage: number }) => postage < 15,
          hint: ({ postage, box }: { postage: number; box: string }) => `${postage} for ${box}`,
        },
      },
    },
  },
  [
    {
      does: 'is fetched first and sent along, null too',
      query: '{ goods { postage } }',
      data: { goods: [{ postage: 10 }, { postage: 20 }] },
      fetches: ['goods', 'post'],
    },
    {
      does: 'is fetched with what is inside',
      query: '{ goods { box } }',
      data: { goods: [{ box: '3x4' }, { box: 'none' }] },
    },
    {
      does: 'is fetched for an object that begins where it is required',
      query: '{ parcel { postage } }',
      data: { parcel: { postage: 10 } },
      fetches: ['goods', 'post', 'post'],
    },
    {
      does: 'is not fetched for fields that need nothing',
      query: '{ parcel { id label } }',
      data: { parcel: { id: 'g1', label: 'to g1' } },
      fetches: ['post'],
    },
    {
      does: 'goes to the client only where it asks for it',
      query: '{ goods { weight postage } }',
      data: {
        goods: [
          { weight: 2, postage: 10 },
          { weight: null, postage: 20 },
        ],
      },
    },
    {
      does: 'may itself require something',
      query: '{ goods { worth } }',
      data: { goods: [{ worth: true }, { worth: false }] },
      fetches: ['advice', 'goods', 'post'],
    },
    {
      does: 'may require several that require something',
      query: '{ goods { hint } }',
      data: { goods: [{ hint: '10 for 3x4' }, { hint: '20 for none' }] },
    },
    {
      does: 'may require what another field requires, too',
      query: '{ goods { hint worth } }',
      data: {
        goods: [
          { hint: '10 for 3x4', worth: true },
          { hint: '20 for none', worth: false },
        ],
      },
    },
    {
      does: 'may require something for an object that begins in between',
      query: '{ parcel { worth } }',
      data: { parcel: { worth: true } },
      fetches: ['advice', 'goods', 'post', 'post'],
    },
    {
      does: 'may require something for it that the client asks, too',
      query: '{ parcel { name postage worth hint label } }',
      data: { parcel: { name: 'Tea', postage: 10, worth: true, hint: '10 for 3x4', label: 'to g1' } },
    },
    {
      does: 'may require it deep inside what begins in between',
      query: '{ parcel { stamp { of { w: worth box } } } }',
      data: { parcel: { stamp: { of: { w: true, box: '3x4' } } } },
    },
    {
      does: 'is fetched under the client’s aliases',
      query: '{ goods { price: name weight: id postage cost: price } }',
      data: {
        goods: [
          { price: 'Tea', weight: 'g1', postage: 10, cost: 5 },
          { price: 'Rice', weight: 'g2', postage: 20, cost: 20 },
        ],
      },
    },
    {
      does: 'is fetched once where several fields need it',
      query: '{ goods { a: postage b: postage box } }',
      data: {
        goods: [
          { a: 10, b: 10, box: '3x4' },
          { a: 20, b: 20, box: 'none' },
        ],
      },
      fetches: ['goods', 'post'],
    },
    {
      does: 'stands beside what is provided',
      query: '{ parcel { stamp { of { price name } } } }',
      data: { parcel: { stamp: { of: { price: 77, name: 'Tea' } } } },
    },
    {
      does: 'is not fetched where it is provided',
      query: '{ parcel { duty stamp { of { duty } } } }',
      data: { parcel: { duty: 10, stamp: { of: { duty: 154 } } } },
      fetches: ['goods', 'post', 'post'],
    },
    {
      does: 'is fetched in fragments that overlap',
      query:
        '{ goods { ...A ...B } } fragment A on Good { postage shape { width } } fragment B on Good { box shape { height } }',
      data: {
        goods: [
          { postage: 10, shape: { width: 4, height: 3 }, box: '3x4' },
          { postage: 20, shape: null, box: 'none' },
        ],
      },
    },
  ],
)

const posts = [
  { id: '1', author: { id: 'a1', years: 1 } },
  { id: '2', author: { id: 'a2', years: 9 } },
]

// Each of the two needs something of the other: it is no circle, for the fields are different ones.
federationSuite(
  '@requires that goes to and fro',
  {
    feed: {
      typeDefs: `${link}
        type Query { feed: [Post!]! }
        type Post @key(fields: "id") {
          id: ID! byNovice: Boolean! @external byExpert: Boolean! @requires(fields: "byNovice")
        }
        type Author @key(fields: "id") { id: ID! years: Int! }`,
      resolvers: {
        Query: { feed: () => posts.map(({ id }) => ({ id })) },
        Post: { byExpert: ({ byNovice }: { byNovice: boolean }) => !byNovice },
        Author: {
          years: ({ id }: { id: string }) => posts.find(({ author }) => author.id === id)?.author.years,
        },
      },
    },
    authors: {
      typeDefs: `${link}
        type Post @key(fields: "id") {
          id: ID! author: Author! byNovice: Boolean! @requires(fields: "author { years }")
        }
        type Author @key(fields: "id") { id: ID! years: Int! @external }`,
      resolvers: {
        Post: {
          author: ({ id }: { id: string }) => ({ id: `a${id}` }),
          byNovice: ({ author }: { author: { years: number } }) => author.years < 3,
        },
      },
    },
  },
  [
    {
      does: 'gives the last of the chain',
      query: '{ feed { byExpert } }',
      data: { feed: [{ byExpert: false }, { byExpert: true }] },
    },
    {
      does: 'gives one in the middle',
      query: '{ feed { id byNovice } }',
      data: {
        feed: [
          { id: '1', byNovice: true },
          { id: '2', byNovice: false },
        ],
      },
    },
    {
      does: 'gives all of it',
      query: '{ feed { byExpert byNovice author { id years } } }',
      data: {
        feed: [
          { byExpert: false, byNovice: true, author: { id: 'a1', years: 1 } },
          { byExpert: true, byNovice: false, author: { id: 'a2', years: 9 } },
        ],
      },
    },
  ],
)
