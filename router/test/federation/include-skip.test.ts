import { federationSuite, link, notToBeAsked, refer } from './suite.ts'

const goods = [{ id: 'g1', price: 10 }]

federationSuite(
  '@include and @skip',
  {
    goods: {
      typeDefs: `${link}
        type Query { good: Good other: Good }
        type Good @key(fields: "id") { id: ID! price: Int }`,
      resolvers: {
        Query: { good: () => goods[0], other: notToBeAsked },
        Good: { __resolveReference: refer(goods, 'id') },
      },
    },
    tax: {
      typeDefs: `${link}
        type Good @key(fields: "id") { id: ID! price: Int @external dear: Boolean @requires(fields: "price") }`,
      resolvers: { Good: { dear: ({ price }: { price: number }) => price > 5 } },
    },
    ads: {
      typeDefs: `${link}
        type Good @key(fields: "id") {
          id: ID! dear: Boolean @external never: Int shout: String @requires(fields: "dear")
        }`,
      resolvers: {
        Good: { never: notToBeAsked, shout: ({ dear }: { dear: boolean }) => (dear ? '!' : '?') },
      },
    },
  },
  [
    {
      does: 'leave a field out by a constant',
      query: '{ good { id dear @skip(if: true) shout @include(if: false) } }',
      data: { good: { id: 'g1' } },
      fetches: ['goods'],
    },
    {
      does: 'leave a field out by a variable, with all that it needs',
      query: 'query ($no: Boolean!) { good { id shout @include(if: $no) } }',
      variables: { no: false },
      data: { good: { id: 'g1' } },
      fetches: ['goods'],
    },
    {
      does: 'let it in by the same operation',
      query: 'query ($no: Boolean!) { good { id shout @include(if: $no) } }',
      variables: { no: true },
      data: { good: { id: 'g1', shout: '!' } },
      fetches: ['ads', 'goods', 'tax'],
    },
    {
      does: 'both decide where both are given',
      query: `query ($yes: Boolean!, $no: Boolean!) {
        good { a: dear @include(if: $yes) @skip(if: $no) b: dear @include(if: $yes) @skip(if: $yes) } }`,
      variables: { yes: true, no: false },
      data: { good: { a: true } },
    },
    {
      does: 'are for a whole fragment',
      query: `query ($no: Boolean = false) { good { id ...Costly @include(if: $no) ... @skip(if: $no) { price } } }
        fragment Costly on Good { dear never }`,
      data: { good: { id: 'g1', price: 10 } },
      fetches: ['goods'],
    },
    {
      does: 'leave out what would fail',
      query:
        'query ($no: Boolean!) { good { price never @include(if: $no) } other @include(if: $no) { id } }',
      variables: { no: false },
      data: { good: { price: 10 } },
    },
    {
      does: 'may leave nothing to be asked',
      query: 'query ($no: Boolean!) { good @include(if: $no) { id } }',
      variables: { no: false },
      data: {},
      fetches: [],
    },
    {
      does: 'let in what one of two places of a field lets in',
      query: 'query ($no: Boolean!) { good { dear @include(if: $no) ... @skip(if: $no) { dear } } }',
      variables: { no: false },
      data: { good: { dear: true } },
    },
    {
      does: 'may leave an object without fields',
      query: '{ good { id @skip(if: true) } }',
      data: { good: {} },
    },
    {
      does: 'may leave an object without fields by a variable',
      query:
        'query ($no: Boolean!) { good { ...I ... @include(if: $no) { price } } } fragment I on Good { id @include(if: $no) }',
      variables: { no: false },
      data: { good: {} },
    },
  ],
)
