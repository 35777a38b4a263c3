import { federationSuite, link, refer } from './suite.ts'

const goods = [
  { id: 'g1', net: 100, owner: { __typename: 'Firm', vat: 'V1' }, parts: [{ id: 'p1' }, { id: 'p2' }] },
  { id: 'g2', net: 50, owner: { __typename: 'Person', name: 'Ann' }, parts: [] },
]

federationSuite(
  'chains of @requires',
  {
    goods: {
      typeDefs: `${link}
        type Query { goods: [Good!]! }
        type Good @key(fields: "id") { id: ID! price(in: String = "EUR"): Int owner: Owner name: String }
        union Owner = Firm | Person
        type Firm @shareable { vat: String }
        type Person @shareable { name: String }`,
      resolvers: {
        Query: { goods: () => goods },
        Good: {
          __resolveReference: refer(goods, 'id'),
          price: ({ net }: { net: number }, { in: currency }: { in: string }) =>
            net * (currency === 'EUR' ? 1 : 2),
          name: ({ id }: { id: string }) => `Good ${id}`,
        },
      },
    },
    tax: {
      typeDefs: `${link}
        type Query { taxed: Good }
        type Good @key(fields: "id") {
          id: ID! price(in: String = "EUR"): Int @external owner: Owner @external name: String @external
          cheap: String @requires(fields: "price(in: \\"USD\\")")
          tax(rate: Int): String @requires(fields: "price(in: \\"EUR\\")")
          kind: String @requires(fields: "owner { __typename }")
          parts: [Part!] @requires(fields: "name")
        }
        union Owner = Firm | Person
        type Firm @shareable { vat: String }
        type Person @shareable { name: String }
        type Part @key(fields: "id") { id: ID! }`,
      resolvers: {
        Query: { taxed: () => ({ id: 'g1' }) },
        Good: {
          cheap: ({ price }: { price: number }) => `${price} USD`,
          tax: ({ price }: { price: number }, { rate = 10 }: { rate?: number }) => `${rate}% of ${price}`,
          kind: ({ owner }: { owner: { __typename: string } }) => owner.__typename,
          parts: ({ id, name }: { id: string; name?: string }) =>
            name === `Good ${id}` ? goods.find((one) => one.id === id)?.parts : null,
        },
      },
    },
    offers: {
      typeDefs: `${link}
        type Good @key(fields: "id") {
          id: ID! tax(rate: Int): String @external cheap: String @external kind: String @external parts: [Part!] @external
          low: String @requires(fields: "tax(rate: 5)") both: String @requires(fields: "tax(rate: 20) cheap kind")
          count: Int @requires(fields: "parts { id }") first: String @requires(fields: "parts { id }")
        }
        type Part @key(fields: "id", resolvable: false) { id: ID! }`,
      resolvers: {
        Good: {
          low: ({ tax }: { tax: string }) => tax,
          both: ({ tax, cheap, kind }: { tax: string; cheap: string; kind: string }) =>
            `${tax}, ${cheap}, ${kind}`,
          count: ({ parts }: { parts: unknown[] }) => parts.length,
          first: ({ parts }: { parts: { id: string }[] }) => parts[0]?.id,
        },
      },
    },
  },
  [
    {
      does: 'have the arguments of each link, though two links need one field with different ones',
      query: '{ goods { low both cheap tax(rate: 1) } }',
      data: {
        goods: [
          { low: '5% of 100', both: '20% of 100, 200 USD, Firm', cheap: '200 USD', tax: '1% of 100' },
          { low: '5% of 50', both: '20% of 50, 100 USD, Person', cheap: '100 USD', tax: '1% of 50' },
        ],
      },
    },
    {
      does: 'have them where the object begins in the middle',
      query: '{ taxed { both price low } }',
      data: { taxed: { both: '20% of 100, 200 USD, Firm', price: 100, low: '5% of 100' } },
    },
    {
      does: 'send an object of which only the type is required',
      query: '{ goods { kind } }',
      data: { goods: [{ kind: 'Firm' }, { kind: 'Person' }] },
    },
    {
      does: 'lead over lists of entities',
      query: '{ goods { count first } }',
      data: {
        goods: [
          { count: 2, first: 'p1' },
          { count: 0, first: null },
        ],
      },
    },
    {
      does: 'leave alone what the client asks beside them in fragments',
      query: '{ taxed { ...G low } goods { ...G low } } fragment G on Good { name price kind }',
      data: {
        taxed: { name: 'Good g1', price: 100, kind: 'Firm', low: '5% of 100' },
        goods: [
          { name: 'Good g1', price: 100, kind: 'Firm', low: '5% of 100' },
          { name: 'Good g2', price: 50, kind: 'Person', low: '5% of 50' },
        ],
      },
    },
  ],
)
