import { federationSuite, link } from './suite.ts'

const film = { __typename: 'Film', id: 'f1', title: 'Metropolis' }
const song = { __typename: 'Song', id: 's1', title: 'Yesterday' }

// Both know films; only one knows songs, the other only talks. What both list is a film.
federationSuite(
  'a union of which two subgraphs know different members',
  {
    films: {
      typeDefs: `${link}
        type Query { shared: Media @shareable mine: [Media] shelf: Shelf @shareable }
        union Media = Film | Song
        type Shelf @shareable { top: Media }
        type Film @key(fields: "id") { id: ID! title: String! @shareable }
        type Song @key(fields: "id") { id: ID! title: String! }`,
      resolvers: {
        Query: { shared: () => film, mine: () => [song, film, null], shelf: () => ({ top: film }) },
      },
    },
    talks: {
      typeDefs: `${link}
        type Query { shared: Media @shareable talks: [Media!]! shelf: Shelf @shareable }
        union Media = Film | Talk
        type Shelf @shareable { top: Media }
        type Film @key(fields: "id") { id: ID! title: String! @shareable minutes: Int }
        type Talk { speaker: String }`,
      resolvers: {
        Query: {
          shared: () => film,
          talks: () => [{ __typename: 'Talk', speaker: 'Ann' }, film],
          shelf: () => ({ top: film }),
        },
        Film: { minutes: () => 153 },
      },
    },
  },
  [
    {
      does: 'gives a member that both know',
      query: '{ shared { ... on Film { title minutes } } }',
      data: { shared: { title: 'Metropolis', minutes: 153 } },
    },
    {
      does: 'takes a fragment on a member that the object is not',
      query: '{ shared { __typename ... on Song { title } ... on Talk { speaker } } }',
      data: { shared: { __typename: 'Film' } },
    },
    {
      does: 'gives members of one subgraph in their places, completed by the other',
      query: '{ mine { __typename ... on Film { minutes } ... on Song { title } ... on Talk { speaker } } }',
      data: {
        mine: [{ __typename: 'Song', title: 'Yesterday' }, { __typename: 'Film', minutes: 153 }, null],
      },
    },
    {
      does: 'gives members of the other, without asking for those that it does not know',
      query: '{ talks { ... on Talk { speaker } ... on Film { title } ... on Song { title } } }',
      data: { talks: [{ speaker: 'Ann' }, { title: 'Metropolis' }] },
      fetches: ['talks'],
    },
    {
      does: 'is given within an object that both share',
      query: '{ shelf { top { ... on Film { id minutes } ... on Song { id } } } }',
      data: { shelf: { top: { id: 'f1', minutes: 153 } } },
    },
    {
      does: 'refuses a field that is not of every member',
      query: '{ shared { title } }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
  ],
)
