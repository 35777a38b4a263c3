import { federationSuite, link, refer } from './suite.ts'

const tasks = [
  { __typename: 'Task', id: '1', name: 'build', next: ['2', '3'] },
  { __typename: 'Task', id: '2', name: 'test', next: ['1'] },
  { __typename: 'Task', id: '3', name: 'ship', next: [] },
]

federationSuite(
  'an interface whose objects refer to objects of the same interface',
  {
    board: {
      typeDefs: `${link}
        type Query { first: Step }
        interface Step { id: ID! after: [Step!]! }
        type Task implements Step @key(fields: "id") { id: ID! after: [Step!]! }`,
      resolvers: {
        Query: { first: () => tasks[0] },
        Task: {
          __resolveReference: refer(tasks, 'id'),
          after: ({ next }: { next: string[] }) => tasks.filter(({ id }) => next.includes(id)),
        },
      },
    },
    names: {
      typeDefs: `${link} type Task @key(fields: "id") { id: ID! name: String }`,
      resolvers: { Task: { __resolveReference: refer(tasks, 'id') } },
    },
  },
  [
    {
      does: 'is walked to where the objects begin again',
      query: '{ first { id after { id after { id after { id } } } } }',
      data: {
        first: {
          id: '1',
          after: [
            {
              id: '2',
              after: [
                {
                  id: '1',
                  after: [{ id: '2' }, { id: '3' }],
                },
              ],
            },
            { id: '3', after: [] },
          ],
        },
      },
      fetches: ['board'],
    },
    {
      does: 'is completed by another subgraph at every depth',
      query:
        '{ first { ... on Task { name after { ... on Task { name after { ... on Task { name } } } } } } }',
      data: {
        first: {
          name: 'build',
          after: [
            { name: 'test', after: [{ name: 'build' }] },
            { name: 'ship', after: [] },
          ],
        },
      },
    },
    {
      does: 'says the type of what it leads to',
      query: '{ first { __typename after { __typename ... on Step { id } } } }',
      data: {
        first: {
          __typename: 'Task',
          after: [
            { __typename: 'Task', id: '2' },
            { __typename: 'Task', id: '3' },
          ],
        },
      },
    },
  ],
)
