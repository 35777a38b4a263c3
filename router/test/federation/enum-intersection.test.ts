import { federationSuite, link } from './suite.ts'

const people = [
  { id: '1', kind: 'MEMBER' },
  { id: '2', kind: 'GHOST' },
]

federationSuite(
  'an enum with a value that not everybody may see',
  {
    a: {
      typeDefs: `${link}
        enum Kind { MEMBER GHOST @inaccessible }
        type Query {
          people: [Person!]! strict: [Strict!] of(kind: Kind!): [Person!]! kinds: [Kind]! kindsOnly: [Kind!]
          like(person: Like): String
        }
        input Like { kind: Kind kinds: [Kind!] }
        type Person @key(fields: "id") { id: ID! kind: Kind @shareable }
        type Strict { id: ID! kind: Kind! }`,
      resolvers: {
        Query: {
          people: () => people,
          strict: () => people,
          of: (_, { kind }: { kind: string }) => people.filter((one) => one.kind === kind),
          kinds: () => ['GHOST', 'MEMBER', null],
          kindsOnly: () => ['MEMBER', 'GHOST'],
          like: (_, args: object) => JSON.stringify(args),
        },
      },
    },
    b: {
      typeDefs: `${link}
        enum Kind { MEMBER GHOST }
        type Query { seen: [Person] }
        type Person @key(fields: "id") { id: ID! kind: Kind @shareable }`,
      resolvers: { Query: { seen: () => people.map(({ id }) => ({ id, kind: 'MEMBER' })) } },
    },
  },
  [
    {
      does: 'is nothing to who does not ask',
      query: '{ people { id } }',
      data: { people: [{ id: '1' }, { id: '2' }] },
    },
    {
      does: 'is null with an error where the value comes',
      query: '{ people { id kind } }',
      data: {
        people: [
          { id: '1', kind: 'MEMBER' },
          { id: '2', kind: null },
        ],
      },
      errors: ['people.1.kind: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'takes its object along where null may not be',
      query: '{ strict { id kind } people { id } }',
      data: { strict: null, people: [{ id: '1' }, { id: '2' }] },
      errors: ['strict.1.kind: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'is an error at its place in a list',
      query: '{ kinds kindsOnly }',
      data: { kinds: [null, 'MEMBER', null], kindsOnly: null },
      errors: ['kinds.0: INTERNAL_SERVER_ERROR', 'kindsOnly.1: INTERNAL_SERVER_ERROR'],
    },
    {
      does: 'comes where another subgraph gives a value of it that is seen',
      query: '{ seen { kind } }',
      data: { seen: [{ kind: 'MEMBER' }, { kind: 'MEMBER' }] },
    },
    {
      does: 'is taken as an argument',
      query: '{ of(kind: MEMBER) { kind } }',
      data: { of: [{ kind: 'MEMBER' }] },
    },
    {
      does: 'is refused as an argument that is not seen',
      query: '{ of(kind: GHOST) { id } }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
    {
      does: 'is refused in a variable',
      query: 'query ($kind: Kind!) { of(kind: $kind) { id } }',
      variables: { kind: 'GHOST' },
      errors: [': BAD_USER_INPUT'],
    },
    {
      does: 'is refused within an input object',
      query: '{ like(person: { kinds: [MEMBER, GHOST] }) }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
    {
      does: 'is no part of what the schema says of itself',
      query: '{ __type(name: "Kind") { enumValues { name } } }',
      data: { __type: { enumValues: [{ name: 'MEMBER' }] } },
      fetches: [],
    },
  ],
)
