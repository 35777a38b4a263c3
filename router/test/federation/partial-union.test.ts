import { federationSuite, link, type Case } from './suite.ts'

const sign = { __typename: 'Sign', text: 'Stop' }
const light = { __typename: 'Light', colour: 'red' }
const bell = { __typename: 'Bell', tone: 'c' }

federationSuite(
  'a union of which another subgraph knows one member, without keys',
  {
    road: {
      typeDefs: `${link}
        type Query { crossing: Crossing }
        type Crossing @shareable { name: String things: [Thing!]! }
        union Thing = Sign | Light | Bell
        type Sign @shareable { text: String }
        type Light { colour: String }
        type Bell { tone: String }`,
      resolvers: { Query: { crossing: () => ({ name: 'North', things: [sign, light, bell] }) } },
    },
    other: {
      typeDefs: `${link}
        type Crossing @shareable { name: String things: [Thing!]! }
        union Thing = Sign
        type Sign @shareable { text: String }`,
    },
  },
  [
    {
      does: 'gives all members from the subgraph that knows them',
      query:
        '{ crossing { name things { __typename ... on Sign { text } ... on Light { colour } ... on Bell { tone } } } }',
      data: { crossing: { name: 'North', things: [sign, light, bell] } },
      fetches: ['road'],
    },
    {
      does: 'gives the members that only one knows',
      query: '{ crossing { things { ... on Light { colour } ... on Bell { tone } } } }',
      data: { crossing: { things: [{}, { colour: 'red' }, { tone: 'c' }] } },
    },
  ],
)

const members = '__typename ... on Sign { text } ... on Light { colour } ... on Bell { tone }'
const road = (id: string, things: readonly object[]) => ({ id, shared: { things } })

const cases: readonly Case[] = [
  {
    does: 'gives the members that the one knows where it begins there',
    query: `{ inA { shared { things { ${members} } } } }`,
    data: { inA: { shared: { things: [sign, light] } } },
    fetches: ['a'],
  },
  {
    does: 'gives the members that the other knows where it begins there',
    query: `{ inB { shared { things { ${members} } } } }`,
    data: { inB: { shared: { things: [sign, bell] } } },
    fetches: ['b'],
  },
  {
    does: 'gives nothing of a member that is not known there',
    query: '{ inA { shared { things { __typename ... on Bell { tone } } } } }',
    data: { inA: { shared: { things: [{ __typename: 'Sign' }, { __typename: 'Light' }] } } },
  },
  {
    does: 'gives common members from either',
    query: `{ both { shared { things { ${members} } } } }`,
    data: { both: { shared: { things: [sign] } } },
  },
  {
    does: 'gives the other’s members over an entity',
    query: `{ inA { onlyB { things { ${members} } } } }`,
    data: { inA: { onlyB: { things: [sign, bell] } } },
    fetches: ['a', 'b'],
  },
]

federationSuite(
  'a union of which two subgraphs know different members, below a field that both have',
  {
    a: {
      typeDefs: `${link}
        type Query { inA: Road both: Road @shareable }
        type Road @key(fields: "id") { id: ID! shared: Part @shareable }
        type Part @shareable { things: [Thing!]! }
        union Thing = Sign | Light
        type Sign @shareable { text: String }
        type Light { colour: String }`,
      resolvers: {
        Query: { inA: () => road('r', [sign, light]), both: () => road('r', [sign]) },
        Road: { __resolveReference: () => road('r', [sign, light]) },
      },
    },
    b: {
      typeDefs: `${link}
        type Query { inB: Road both: Road @shareable }
        type Road @key(fields: "id") { id: ID! shared: Part @shareable onlyB: Part }
        type Part @shareable { things: [Thing!]! }
        union Thing = Sign | Bell
        type Sign @shareable { text: String }
        type Bell { tone: String }`,
      resolvers: {
        Query: { inB: () => road('r', [sign, bell]), both: () => road('r', [sign]) },
        Road: {
          __resolveReference: () => road('r', [sign, bell]),
          onlyB: () => ({ things: [sign, bell] }),
        },
      },
    },
  },
  cases,
)
