import { federationSuite, link, notToBeAsked } from './suite.ts'

const rooms = [
  { number: '7', code: 'c7', place: { floor: '1', wing: 'A', door: 'x' }, name: 'Blue' },
  { number: '8', code: 'c8', place: { floor: '2', wing: 'B', door: 'y' }, name: 'Red' },
]

// The hotel can only be asked by number and part of the place; its other keys come first and are for others.
federationSuite(
  'keys of which some cannot be resolved',
  {
    names: {
      typeDefs: `${link}
        type Room @key(fields: "number") @key(fields: "code", resolvable: false)
          @key(fields: "place { floor wing }", resolvable: false) {
          number: ID! code: ID! place: Place! name: String!
        }
        type Place @shareable { floor: ID! wing: ID! door: ID! }`,
      resolvers: {
        Room: {
          __resolveReference: ({ number }: { number: string }) =>
            rooms.find((one) => one.number === number) ?? null,
        },
      },
    },
    hotel: {
      typeDefs: `${link}
        type Query { hotel: Hotel }
        type Hotel @key(fields: "id") { id: ID! rooms: [Room!]! }
        type Room @key(fields: "place { floor wing }", resolvable: false)
          @key(fields: "number place { wing door }") @key(fields: "code", resolvable: false)
          @key(fields: "number", resolvable: false) {
          number: ID! code: ID! place: Place! name: String! @external sign: String! @requires(fields: "name")
        }
        type Place @shareable { floor: ID! wing: ID! door: ID! }`,
      resolvers: {
        Query: {
          hotel: () => ({
            id: 'h1',
            rooms: rooms.map(({ number, code, place }) => ({ number, code, place })),
          }),
        },
        Room: {
          __resolveReference: (one: (typeof rooms)[number]) =>
            rooms.some(({ number, place }) => number === one.number && place.door === one.place.door)
              ? one
              : null,
          sign: ({ name, number }: { name: string; number: string }) => `${name} ${number}`,
        },
      },
    },
  },
  [
    {
      does: 'send an object back by the key that can',
      query: '{ hotel { id rooms { number name sign } } }',
      data: {
        hotel: {
          id: 'h1',
          rooms: [
            { number: '7', name: 'Blue', sign: 'Blue 7' },
            { number: '8', name: 'Red', sign: 'Red 8' },
          ],
        },
      },
      fetches: ['hotel', 'hotel', 'names'],
    },
    {
      does: 'send it back also where the client asks for no key',
      query: '{ hotel { rooms { sign } } }',
      data: { hotel: { rooms: [{ sign: 'Blue 7' }, { sign: 'Red 8' }] } },
    },
    {
      does: 'send it on by the key that can',
      query: '{ hotel { rooms { name code } } }',
      data: {
        hotel: {
          rooms: [
            { name: 'Blue', code: 'c7' },
            { name: 'Red', code: 'c8' },
          ],
        },
      },
      fetches: ['hotel', 'names'],
    },
    {
      does: 'are the client’s to ask for',
      query: '{ hotel { rooms { place { wing floor } sign } } }',
      data: {
        hotel: {
          rooms: [
            { place: { wing: 'A', floor: '1' }, sign: 'Blue 7' },
            { place: { wing: 'B', floor: '2' }, sign: 'Red 8' },
          ],
        },
      },
    },
  ],
)

// To reach the shop, the key must first be fetched for the parent, from somebody who knows it.
federationSuite(
  'a key that only a third subgraph knows',
  {
    list: {
      typeDefs: `${link}
        type Query { goods: [Good!]! }
        type Good @key(fields: "id") { id: ID! category: Category @shareable }
        type Category @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { goods: () => [{ id: 'g1', category: { id: 'c1' } }] },
        Good: { __resolveReference: ({ id }: { id: string }) => ({ id, category: { id: 'c1' } }) },
        Category: { __resolveReference: ({ id }: { id: string }) => ({ id }) },
      },
    },
    pid: {
      typeDefs: `${link}
        type Good @key(fields: "id") @key(fields: "id pid") { id: ID! pid: ID category: Category @shareable }
        type Category @key(fields: "id tag") { id: ID! tag: String! }`,
      resolvers: {
        Good: {
          __resolveReference: ({ id }: { id: string }) => ({
            id,
            pid: `p${id}`,
            category: { id: 'c1', tag: 't1' },
          }),
        },
      },
    },
    details: {
      typeDefs: `${link}
        type Good @key(fields: "id pid") { id: ID! pid: ID detail: String }
        type Category @key(fields: "id tag") { id: ID! tag: String! text: String }`,
      resolvers: {
        Good: { detail: ({ id, pid }: { id: string; pid: string }) => `${id}/${pid}` },
        Category: { text: ({ id, tag }: { id: string; tag: string }) => `${id}/${tag}` },
      },
    },
  },
  [
    {
      does: 'is fetched on the way',
      query: '{ goods { detail } }',
      data: { goods: [{ detail: 'g1/pg1' }] },
      fetches: ['details', 'list', 'pid'],
    },
    {
      does: 'is fetched through the parent',
      query: '{ goods { category { text } } }',
      data: { goods: [{ category: { text: 'c1/t1' } }] },
      fetches: ['details', 'list', 'pid'],
    },
    {
      does: 'is fetched for both at once',
      query: '{ goods { id detail category { id text tag } } }',
      data: { goods: [{ id: 'g1', detail: 'g1/pg1', category: { id: 'c1', text: 'c1/t1', tag: 't1' } }] },
      fetches: ['details', 'list', 'pid'],
    },
  ],
)

federationSuite(
  'an entity',
  {
    people: {
      typeDefs: `${link}
        type Query { person: Person none: Person twice: [Person!]! }
        type Person @key(fields: "email") { email: ID! friend: Person }`,
      resolvers: {
        Query: {
          person: () => ({ email: 'a@x', friend: { email: 'b@x' } }),
          none: () => null,
          twice: () => [{ email: 'a@x' }, { email: 'a@x' }],
        },
      },
    },
    names: {
      typeDefs: `${link}
        type Person @key(fields: "email") @key(fields: "id") { email: ID! id: ID! name: String }`,
      resolvers: {
        Person: {
          __resolveReference: ({ email }: { email: string }) => ({ email, id: email[0], name: `N${email}` }),
        },
      },
    },
    ages: {
      typeDefs: `${link} type Person @key(fields: "id") { id: ID! age: Int idle: Int }`,
      resolvers: { Person: { age: ({ id }: { id: string }) => (id === 'a' ? 30 : 40), idle: notToBeAsked } },
    },
  },
  [
    {
      does: 'is completed by one call',
      query: '{ person { name } }',
      data: { person: { name: 'Na@x' } },
      fetches: ['names', 'people'],
    },
    {
      does: 'is completed over two keys',
      query: '{ person { age } }',
      data: { person: { age: 30 } },
      fetches: ['ages', 'names', 'people'],
    },
    {
      does: 'is completed at every depth',
      query: '{ person { age friend { age name } } }',
      data: { person: { age: 30, friend: { age: 40, name: 'Nb@x' } } },
    },
    {
      does: 'is completed wherever it is',
      query: '{ twice { name age } }',
      data: {
        twice: [
          { name: 'Na@x', age: 30 },
          { name: 'Na@x', age: 30 },
        ],
      },
      fetches: ['ages', 'names', 'people'],
    },
    {
      does: 'that is null costs no call',
      query: '{ none { age } }',
      data: { none: null },
      fetches: ['people'],
    },
  ],
)
