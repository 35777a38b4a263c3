import { federationSuite, link } from './suite.ts'

const tell = (_: unknown, args: object) => JSON.stringify(args)

federationSuite(
  'an input object of which two subgraphs know different fields',
  {
    a: {
      typeDefs: `${link}
        input Page { first: Int = 5 after: String order: Order! = UP }
        enum Order { UP DOWN }
        type Query { inA(page: Page): String both(page: Page! = { first: 1 }): String @shareable }`,
      resolvers: { Query: { inA: tell, both: tell } },
    },
    b: {
      typeDefs: `${link}
        input Page { first: Int = 5 before: String order: Order! = UP }
        enum Order { UP DOWN }
        type Query { inB(pages: [Page!]): String both(page: Page! = { first: 1 }): String @shareable }`,
      resolvers: { Query: { inB: tell, both: tell } },
    },
  },
  [
    {
      does: 'takes the fields that both know',
      query: '{ inA(page: { first: 1 }) }',
      data: { inA: '{"page":{"first":1,"order":"UP"}}' },
    },
    {
      does: 'refuses what only the one knows, there',
      query: '{ inA(page: { first: 1, after: "x" }) }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
    {
      does: 'refuses what only the one knows, at the other',
      query: '{ inB(pages: [{ after: "x" }]) }',
      errors: [': GRAPHQL_VALIDATION_FAILED'],
    },
    {
      does: 'refuses it in variables',
      query: 'query ($page: Page) { inA(page: $page) }',
      variables: { page: { first: 1, after: 'x' } },
      errors: [': BAD_USER_INPUT'],
    },
    {
      does: 'takes variables inside, and lets the subgraph fill in what is left out',
      query: 'query ($first: Int, $order: Order!) { inB(pages: [{ first: $first, order: $order }]) }',
      variables: { order: 'DOWN' },
      data: { inB: '{"pages":[{"first":5,"order":"DOWN"}]}' },
    },
    {
      does: 'takes one object where a list may be',
      query: 'query ($page: [Page!]) { inB(pages: $page) }',
      variables: { page: { first: null } },
      data: { inB: '{"pages":[{"first":null,"order":"UP"}]}' },
    },
    {
      does: 'has a default where nothing is given',
      query: '{ both }',
      data: { both: '{"page":{"first":1,"order":"UP"}}' },
    },
    {
      does: 'shows the fields that both know',
      query: '{ __type(name: "Page") { inputFields { name } } }',
      data: { __type: { inputFields: [{ name: 'first' }, { name: 'order' }] } },
    },
  ],
)
