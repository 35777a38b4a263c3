import { federationSuite, link } from './suite.ts'

const groupOf = (id: string) => ({ id: `g-${id}`, size: id.length })

// A group has no key: whatever is missing of it is had by way of the item that it belongs to.
federationSuite(
  'an object without a key within an entity',
  {
    items: {
      typeDefs: `${link}
        type Query { items: [Item!]! }
        type Item @key(fields: "id number") { id: ID! number: ID! }`,
      resolvers: {
        Query: {
          items: () => [
            { id: 'a', number: '1' },
            { id: 'bb', number: '2' },
          ],
        },
      },
    },
    groups: {
      typeDefs: `${link}
        type Item @key(fields: "id number") { id: ID! number: ID! group: Group @shareable }
        type Group { id: ID! @shareable size: Int }`,
      resolvers: { Item: { group: ({ id }: { id: string }) => groupOf(id) } },
    },
    labels: {
      typeDefs: `${link}
        type Item @key(fields: "id") { id: ID! group: Group @shareable }
        type Group { id: ID! @shareable label: Label }
        type Label { text: String }`,
      resolvers: {
        Item: {
          group: ({ id }: { id: string }) => ({ ...groupOf(id), label: { text: `items ${id}` } }),
        },
      },
    },
  },
  [
    {
      does: 'is put together from all that know its entity',
      query: '{ items { group { id size label { text } } } }',
      data: {
        items: [
          { group: { id: 'g-a', size: 1, label: { text: 'items a' } } },
          { group: { id: 'g-bb', size: 2, label: { text: 'items bb' } } },
        ],
      },
      fetches: ['groups', 'items', 'labels'],
    },
    {
      does: 'is asked of one subgraph only for what only that one has',
      query: '{ items { number group { label { text } } } }',
      data: {
        items: [
          { number: '1', group: { label: { text: 'items a' } } },
          { number: '2', group: { label: { text: 'items bb' } } },
        ],
      },
      fetches: ['items', 'labels'],
    },
    {
      does: 'is asked by the longer key where it takes that',
      query: '{ items { group { size } } }',
      data: { items: [{ group: { size: 1 } }, { group: { size: 2 } }] },
      fetches: ['groups', 'items'],
    },
  ],
)
