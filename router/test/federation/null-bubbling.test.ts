import { GraphQLError } from 'graphql'
import { federationSuite, link } from './suite.ts'

const fail = (code: string) => () => {
  throw new GraphQLError('secret', { extensions: { code } })
}
const goods = ['1', '2', '3'].map((id) => ({ id }))

federationSuite(
  'a null where none may be',
  {
    goods: {
      typeDefs: `${link}
        type Query { goods: [Good] strict: [Good!] must: Good! group: Group pair: [[Good!]] free: String broken: String! }
        type Group { id: ID! first: Good! rest: [Good!]! }
        type Good @key(fields: "id") { id: ID! twin: Good }`,
      resolvers: {
        Query: {
          goods: () => goods,
          strict: () => goods,
          must: () => goods[1],
          group: () => ({ id: 'g', first: goods[0], rest: goods }),
          pair: () => [[goods[0]], [goods[1], goods[2]], null],
          free: () => 'free',
          broken: fail('FORBIDDEN'),
        },
        Good: { twin: ({ id }: { id: string }) => ({ id: id === '1' ? '2' : '1' }) },
      },
    },
    stock: {
      typeDefs: `${link}
        type Good @key(fields: "id") { id: ID! count: Int! soft: Int shelf: Shelf guarded: Int! soldOut: Boolean }
        type Shelf { row: Int! column: Int }`,
      resolvers: {
        Good: {
          __resolveReference: ({ id }: { id: string }) => (id === '2' ? null : { id }),
          count: ({ id }: { id: string }) => Number(id) * 10,
          soft: ({ id }: { id: string }) => (id === '3' ? fail('TIMEOUT')() : 1),
          shelf: ({ id }: { id: string }) => (id === '3' ? { row: null, column: 2 } : { row: 1, column: 1 }),
          guarded: fail('FORBIDDEN'),
        },
      },
    },
  },
  [
    {
      does: 'takes its object from a list that may have nulls',
      query: '{ goods { id count } free }',
      data: { goods: [{ id: '1', count: 10 }, null, { id: '3', count: 30 }], free: 'free' },
      errors: ['goods.1.count: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'takes the list that may have none',
      query: '{ strict { id count } free }',
      data: { strict: null, free: 'free' },
      errors: ['strict.1.count: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'takes the whole answer',
      query: '{ must { count } free }',
      data: null,
      errors: ['must.count: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'takes what is around its list',
      query: '{ group { id rest { count } } free }',
      data: { group: null, free: 'free' },
      errors: ['group.rest.1.count: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'takes one of the lists in a list',
      query: '{ pair { count } }',
      data: { pair: [[{ count: 10 }], null, null] },
      errors: ['pair.1.0.count: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'has the client’s names in its path',
      query: '{ all: goods { n: count } }',
      data: { all: [{ n: 10 }, null, { n: 30 }] },
      errors: ['all.1.n: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'stays where it may be, without an error',
      query: '{ goods { soldOut shelf { column } } }',
      data: {
        goods: [
          { soldOut: null, shelf: { column: 1 } },
          { soldOut: null, shelf: null },
          { soldOut: null, shelf: { column: 2 } },
        ],
      },
    },
    {
      does: 'that a subgraph made itself keeps its error and goes as far as it must',
      query: '{ goods { id shelf { row } } }',
      data: {
        goods: [
          { id: '1', shelf: { row: 1 } },
          { id: '2', shelf: null },
          { id: '3', shelf: null },
        ],
      },
      errors: ['goods.2.shelf.row: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'is told once, by the error that made it',
      query: '{ goods { id guarded } }',
      data: { goods: [null, null, null] },
      errors: [
        'goods.0.guarded: FORBIDDEN',
        'goods.1.guarded: INTERNAL_SERVER_ERROR',
        'goods.2.guarded: FORBIDDEN',
      ],
    },
    {
      does: 'leaves what others of the same entity have',
      query: '{ goods { id soft } }',
      data: {
        goods: [
          { id: '1', soft: 1 },
          { id: '2', soft: null },
          { id: '3', soft: null },
        ],
      },
      errors: ['goods.2.soft: TIMEOUT'],
    },
    {
      does: 'is told at every place where an entity is',
      query: '{ goods { id twin { id count } } }',
      data: {
        goods: [
          { id: '1', twin: null },
          { id: '2', twin: { id: '1', count: 10 } },
          { id: '3', twin: { id: '1', count: 10 } },
        ],
      },
      errors: ['goods.0.twin.count: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'of a root field takes the whole answer, with its own error',
      query: '{ free broken }',
      data: null,
      errors: ['broken: FORBIDDEN'],
    },
    {
      does: 'does not count where a field is skipped',
      query: '{ strict { id count @skip(if: true) } }',
      data: { strict: goods },
      fetches: ['goods'],
    },
  ],
)
