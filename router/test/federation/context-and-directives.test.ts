import { federationSuite, link } from './suite.ts'

federationSuite(
  '@fromContext',
  {
    shops: {
      typeDefs: `${link}
        type Query { shops: [Shop!]! }
        type Shop @key(fields: "id") @context(name: "shop") { id: ID! currency: String best: Good goods: [Good!]! }
        type Good @key(fields: "id") {
          id: ID! label(more: String, currency: String @fromContext(field: "$shop { currency }")): String
        }`,
      resolvers: {
        Query: {
          shops: () => [
            { id: 's1', currency: 'EUR', best: { id: 'g1' }, goods: [{ id: 'g1' }, { id: 'g2' }] },
            { id: 's2', currency: 'USD', best: null, goods: [{ id: 'g1' }] },
          ],
        },
        Good: {
          label: ({ id }: { id: string }, { more = '', currency }: { more?: string; currency: string }) =>
            `${id} in ${currency}${more}`,
        },
      },
    },
    prices: { typeDefs: `${link} type Good @key(fields: "id") { id: ID! price: Int }` },
  },
  [
    {
      does: 'takes the value of the object around',
      query: '{ shops { goods { label } } }',
      data: {
        shops: [
          { goods: [{ label: 'g1 in EUR' }, { label: 'g2 in EUR' }] },
          { goods: [{ label: 'g1 in USD' }] },
        ],
      },
    },
    {
      does: 'takes it beside arguments of the client and fields of that name',
      query: 'query ($more: String) { shops { currency: id best { label(more: $more) } } }',
      variables: { more: '!' },
      data: {
        shops: [
          { currency: 's1', best: { label: 'g1 in EUR!' } },
          { currency: 's2', best: null },
        ],
      },
    },
    {
      does: 'is no argument of the client’s',
      query: '{ shops { best { label(currency: "GBP") } } }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
  ],
)

const composed = `${link.trim().slice(0, -1)})
  @link(url: "https://specs.example.test/note/v1.0", import: ["@note"]) @composeDirective(name: "@note")
  directive @note(kind: Kind = PLAIN) on FIELD
  enum Kind { PLAIN LOUD }`

federationSuite(
  'a directive of the subgraphs’ own',
  {
    a: { typeDefs: `${composed} type Query { a: String }`, resolvers: { Query: { a: () => 'a' } } },
    b: { typeDefs: `${composed} type Query { b: String }`, resolvers: { Query: { b: () => 'b' } } },
  },
  [
    { does: 'may be used in operations', query: '{ a @note b @note(kind: LOUD) }', data: { a: 'a', b: 'b' } },
    {
      does: 'is refused where its argument is not of its type',
      query: '{ a @note(kind: SOFT) }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
  ],
)

const noted = (argument: string) => composed.replace('(kind: Kind = PLAIN)', `(${argument})`)

federationSuite(
  'a directive of the subgraphs’ own, whose argument has a default in one of them',
  {
    a: {
      typeDefs: `${noted('kind: Kind!')} type Query { a: String }`,
      resolvers: { Query: { a: () => 'a' } },
    },
    b: {
      typeDefs: `${noted('kind: Kind! = PLAIN')} type Query { b: String }`,
      resolvers: { Query: { b: () => 'b' } },
    },
  },
  [{ does: 'may be used without it', query: '{ a @note b @note }', data: { a: 'a', b: 'b' } }],
)
