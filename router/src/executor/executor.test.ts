import { composeServices } from '@apollo/composition'
import { createLogger } from '@mall/service/logger'
import { GraphQLError, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { createEngine } from '../engine/engine.ts'
import { createCounts } from '../metrics/counts.ts'
import type { RequestScope, SubgraphResponse } from '../engine/subgraph-client.ts'

const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import:
  ["@key", "@requires", "@external", "@shareable", "@interfaceObject", "@context", "@fromContext", "@inaccessible"])\n`

interface Asked {
  readonly query: string
  readonly variables?: { readonly representations?: readonly Record<string, unknown>[] } & Record<
    string,
    unknown
  >
}

type Answer = (asked: Asked) => SubgraphResponse

/** An engine whose services answer as told; `asked` collects what they were asked. */
function createGraph(schemas: Record<string, string>, answers: Record<string, Answer>) {
  const services = Object.entries(schemas).map(([name, sdl]) => ({
    name,
    url: `http://${name}`,
    typeDefs: parse(link + sdl),
  }))
  const { supergraphSdl, errors } = composeServices(services)
  if (!supergraphSdl) throw new Error(String(errors))
  const asked: Record<string, Asked[]> = {}
  const clients = new Map(
    Object.keys(schemas).map((name) => [
      name,
      {
        async send({ body }: { readonly body: string }) {
          const request = JSON.parse(body) as Asked
          ;(asked[name] ??= []).push(request)
          return answers[name]?.(request) ?? {}
        },
      },
    ]),
  )
  const engine = createEngine({
    supergraphSdl,
    clients,
    counts: createCounts(),
    logger: createLogger({ name: 'test', level: 'silent' }),
  })
  const leaving = new AbortController()
  const scope: RequestScope = { viewer: null, address: '', signal: leaving.signal, deadline: Infinity }
  return {
    asked,
    leaving,
    async ask(query: string, variables = {}) {
      const operation = { document: parse(query), key: query, variables }
      const { data, errors: told = [] } = await engine.execute(operation, scope)
      const codes = told.map(({ path, message, extensions }) => {
        return `${path?.join('.') ?? ''}: ${typeof extensions.code === 'string' ? extensions.code : message}`
      })
      return { data: JSON.parse(JSON.stringify(data)) as unknown, errors: codes }
    },
  }
}

const unavailable = (): never => {
  throw new GraphQLError('down', { extensions: { code: 'UNAVAILABLE' } })
}

const shop = {
  goods: `type Query { all: [Product!] one: Product best: Product! }
    type Product @key(fields: "id") { id: ID! name: String weight: Int size: Size tag: Tag } type Size { cm: Int }
    enum Tag { NEW SECRET @inaccessible }`,
  stock: `type Product @key(fields: "id") { id: ID! weight: Int @external size: Size @external free: Int
      parcel: String! @requires(fields: "weight size { cm }") } type Size { cm: Int @external }`,
}

/** The first of the representations in a variable. */
const representation = (value: unknown) => (value as Record<string, unknown>[] | undefined)?.[0]
const product = (id: string, more = {}) => ({ __typename: 'Product', id, ...more })

describe('representations', () => {
  it('are sent once each, and the answer goes to every object that they stand for', async () => {
    const graph = createGraph(shop, {
      goods: () => ({ data: { all: [product('1'), product('2'), product('1')] } }),
      stock: () => ({ data: { _entities: [{ free: 1 }, { free: 2 }] } }),
    })
    expect((await graph.ask('{ all { free } }')).data).toEqual({
      all: [{ free: 1 }, { free: 2 }, { free: 1 }],
    })
    expect(graph.asked.stock?.[0]?.variables?.representations).toEqual([product('1'), product('2')])
  })

  it('leave out what only a skipped field needs, and nobody is asked for nothing', async () => {
    const goods: Answer = ({ variables = {} }) => ({
      data: { one: product('1', variables.with ? { weight: 3, size: { cm: 4 } } : {}) },
    })
    const graph = createGraph(shop, {
      goods,
      stock: () => ({ data: { _entities: [{ free: 5, parcel: 'p' }] } }),
    })
    const query = 'query ($with: Boolean!) { one { free parcel @include(if: $with) } }'
    expect(await graph.ask(query, { with: false })).toEqual({ data: { one: { free: 5 } }, errors: [] })
    expect(graph.asked.stock?.[0]?.variables?.representations).toEqual([product('1')])
    await graph.ask(query, { with: true })
    expect(graph.asked.stock?.[1]?.variables?.representations).toEqual([
      product('1', { weight: 3, size: { cm: 4 } }),
    ])
    const none = createGraph(shop, { goods: () => ({ data: { all: [] } }) })
    expect((await none.ask('{ all { free } }')).data).toEqual({ all: [] })
    expect(none.asked.stock).toBeUndefined()
  })

  it('take values from around where a field wants its context', async () => {
    const graph = createGraph(
      {
        a: `type Query { users: [User!]! } type User @key(fields: "id") @context(name: "user") { id: ID! lang: String todo: Todo! }
          type Todo @key(fields: "id") { id: ID! text(in: String @fromContext(field: "$user { lang }")): String }`,
        b: `type Todo @key(fields: "id") { id: ID! rank: Int }`,
      },
      {
        a: ({ variables = {} }) => {
          const { representations, ...context } = variables
          if (representations)
            return { data: { _entities: representations.map(() => ({ text: Object.values(context)[0] })) } }
          const user = (lang: string) => ({
            __typename: 'User',
            lang,
            todo: { __typename: 'Todo', id: lang },
          })
          return { data: { users: [user('de'), user('en')] } }
        },
      },
    )
    expect((await graph.ask('{ users { todo { text } } }')).data).toEqual({
      users: [{ todo: { text: 'de' } }, { todo: { text: 'en' } }],
    })
  })
})

describe('fetches of one stage', () => {
  const facts = (names: readonly string[]) =>
    names.map((name) => `type ${name} @key(fields: "id") { id: ID! rank(of: Int): Int }`).join(' ')
  const schemas = {
    a: `type Query { one: A two: B } type A @key(fields: "id") { id: ID! } type B @key(fields: "id") { id: ID! }`,
    b: facts(['A', 'B']),
  }
  const a: Answer = () => ({
    data: { one: { __typename: 'A', id: '1' }, two: { __typename: 'B', id: '2' } },
  })
  const query = 'query ($x: Int) { one { rank(of: $x) } two { rank(of: $x) } }'

  it('go to their service together, and each gets its own part and errors', async () => {
    const error = { message: 'no', path: ['e1', 0, 'rank'], extensions: { code: 'FORBIDDEN' } }
    const graph = createGraph(schemas, {
      a,
      b: () => ({ data: { e0: [{ rank: 1 }], e1: [{ rank: null }] }, errors: [error] }),
    })
    expect(await graph.ask(query, { x: 5 })).toEqual({
      data: { one: { rank: 1 }, two: { rank: null } },
      errors: ['two.rank: FORBIDDEN'],
    })
    expect(graph.asked.b).toHaveLength(1)
    expect(graph.asked.b?.[0]?.variables).toEqual({
      x: 5,
      representations0: [{ __typename: 'A', id: '1' }],
      representations1: [{ __typename: 'B', id: '2' }],
    })
  })

  it('are asked alone when together they gave nothing', async () => {
    const graph = createGraph(schemas, {
      a,
      b: ({ query: text, variables }) =>
        text.includes('e1:')
          ? { data: null, errors: [{ message: 'no' }] }
          : { data: { _entities: variables?.representations?.map(({ id }) => ({ rank: Number(id) })) } },
    })
    expect(await graph.ask(query)).toEqual({ data: { one: { rank: 1 }, two: { rank: 2 } }, errors: [] })
    expect(graph.asked.b).toHaveLength(3)
  })

  it('fail together where their service is down', async () => {
    const graph = createGraph(schemas, { a, b: unavailable })
    expect((await graph.ask(query)).errors).toEqual(['one.rank: UNAVAILABLE', 'two.rank: UNAVAILABLE'])
    expect(graph.asked.b).toHaveLength(1)
  })
})

describe('an object of an interface', () => {
  it('keeps its type when a service only knows the interface', async () => {
    const graph = createGraph(
      {
        a: `type Query { media: [Media!] } interface Media @key(fields: "id") { id: ID! }
          type Book implements Media @key(fields: "id") { id: ID! pages: Int }`,
        b: 'type Media @key(fields: "id") @interfaceObject { id: ID! stars: Int }',
      },
      {
        a: () => ({ data: { media: [{ __typename: 'Book', id: '1', pages: 3 }] } }),
        b: () => ({ data: { _entities: [{ __typename: 'Media', stars: 5 }] } }),
      },
    )
    const { data } = await graph.ask('{ media { __typename stars ... on Book { pages } } }')
    expect(data).toEqual({ media: [{ __typename: 'Book', stars: 5, pages: 3 }] })
  })
})

describe('an error', () => {
  it('of a fetch is at every field that it was to bring, and at what needed those', async () => {
    const goods: Answer = ({ variables }) =>
      variables?.representations ? unavailable() : { data: { one: product('1') } }
    const split = {
      ...shop,
      goods: 'type Query { one: Product } type Product @key(fields: "id") { id: ID! }',
      facts: 'type Product @key(fields: "id") { id: ID! weight: Int size: Size } type Size { cm: Int }',
    }
    const graph = createGraph(split, {
      goods,
      facts: unavailable,
      stock: () => ({ data: { _entities: [{}] } }),
    })
    expect(await graph.ask('{ one { id weight parcel } }')).toEqual({
      data: { one: null },
      errors: ['one.weight: UNAVAILABLE', 'one.parcel: UNAVAILABLE'],
    })
    expect(graph.asked.stock).toBeUndefined()
  })

  it('of an entity has the paths of all its places, by the names of the client', async () => {
    const error = { message: 'no', path: ['_entities', 0, 'n'], extensions: { code: 'FORBIDDEN' } }
    const graph = createGraph(shop, {
      goods: () => ({ data: { list: [product('1'), product('1')] } }),
      stock: () => ({ data: { _entities: [{ n: null }] }, errors: [error] }),
    })
    expect((await graph.ask('{ list: all { n: free } }')).errors).toEqual([
      'list.0.n: FORBIDDEN',
      'list.1.n: FORBIDDEN',
    ])
  })

  it('is told of a wrong count of entities, and their values are not used', async () => {
    const graph = createGraph(shop, {
      goods: () => ({ data: { all: [product('1'), product('2')] } }),
      stock: () => ({ data: { _entities: [{ free: 2 }] } }),
    })
    const { data, errors } = await graph.ask('{ all { free } }')
    expect(data).toEqual({ all: [{ free: null }, { free: null }] })
    expect(errors.map((one) => one.split(':')[0])).toEqual(['all.0.free', 'all.1.free'])
  })

  it('says where a null is that may not be, and where a value is not of its type', async () => {
    const graph = createGraph(shop, {
      goods: () => ({
        data: { best: null, all: [{ weight: 'heavy', tag: 'SECRET', name: 5, size: [] }, null] },
      }),
    })
    expect(await graph.ask('{ best { id } }')).toEqual({
      data: null,
      errors: ['best: null where none may be'],
    })
    const { data, errors } = await graph.ask('{ all { weight tag name size { cm } } }')
    expect(data).toEqual({ all: null })
    expect(errors.map((one) => one.split(':')[0])).toEqual([
      'all.0.weight',
      'all.0.tag',
      'all.0.name',
      'all.0.size',
      'all.1',
    ])
  })

  it('of a field explains the nulls around it, so that nothing is told twice', async () => {
    const error = { message: 'no', path: ['best', 'name'], extensions: { code: 'FORBIDDEN' } }
    const graph = createGraph(shop, { goods: () => ({ data: null, errors: [error] }) })
    expect(await graph.ask('{ best { name } }')).toEqual({ data: null, errors: ['best.name: FORBIDDEN'] })
  })
})

describe('a mutation', () => {
  it('runs its fields one after the other, also where one fails, and shares nothing', async () => {
    const order: string[] = []
    const mutate =
      (name: string, data: Record<string, unknown>): Answer =>
      ({ query }) => {
        order.push(`${name} ${/\{(\w+)/.exec(query)?.[1] ?? ''}`)
        return query.includes('fail') ? unavailable() : { data }
      }
    const graph = createGraph(
      {
        a: 'type Query { q: Int } type Mutation { first: Int third: Int fail: Int }',
        b: 'type Mutation { second: Int }',
      },
      { a: mutate('a', { first: 1, third: 3 }), b: mutate('b', { second: 2 }) },
    )
    expect(await graph.ask('mutation { first second fail }')).toEqual({
      data: { first: 1, second: 2, fail: null },
      errors: ['fail: UNAVAILABLE'],
    })
    expect(order).toEqual(['a first', 'b second', 'a fail'])
  })
})

describe('a name that a plan uses for itself', () => {
  it('may be the alias of another field, and what is required stays what it is', async () => {
    const graph = createGraph(shop, {
      goods: () => ({
        data: { one: product('1', { own__weight: 'n', own__id: 'n', weight: 3, size: null }) },
      }),
      stock: () => ({ data: { _entities: [{ parcel: null }] } }),
    })
    expect(await graph.ask('{ one { weight: name id: name parcel } }')).toEqual({
      data: { one: null },
      errors: ['one.parcel: null where none may be'],
    })
    expect(graph.asked.goods?.[0]?.query).toMatch(/own__weight:name/)
    expect(graph.asked.stock?.[0]?.variables?.representations).toEqual([
      product('1', { weight: 3, size: null }),
    ])
    expect((await graph.ask('{ one { weight: name id: name } }')).data).toEqual({
      one: { weight: 'n', id: 'n' },
    })
  })

  it('has the client’s own name in errors', async () => {
    const error = { message: 'no', path: ['one', 'own__id'], extensions: { code: 'FORBIDDEN' } }
    const graph = createGraph(shop, {
      goods: () => ({ data: { one: product('1', { own__id: null }) }, errors: [error] }),
    })
    expect((await graph.ask('{ one { id: name } }')).errors).toEqual(['one.id: FORBIDDEN'])
  })

  it('may be that of a field that is required with other arguments, or with several', async () => {
    const graph = createGraph(
      {
        a: 'type Query { p: P } type P @key(fields: "id") { id: ID! price(in: String): Int }',
        b: `type P @key(fields: "id") { id: ID! price(in: String): Int @external
          tax: Int @requires(fields: "price(in: \\"EUR\\")")
          duty(of: Int): Int @requires(fields: "price(in: \\"GBP\\")") }`,
      },
      {
        a: () => ({
          data: { p: { __typename: 'P', id: '1', price: 12, required__0_price: 10, required__1_price: 9 } },
        }),
        b: ({ variables }) => ({
          data: {
            e0: [{ tax: representation(variables?.representations0)?.price }],
            e1: [{ duty: representation(variables?.representations1)?.price }],
          },
        }),
      },
    )
    const answer = await graph.ask('query ($of: Int) { p { price(in: "USD") tax duty(of: $of) } }', { of: 1 })
    expect(answer).toEqual({ data: { p: { price: 12, tax: 10, duty: 9 } }, errors: [] })
    const [asked] = graph.asked.a ?? []
    for (const text of ['price(in: "USD")', 'required__0_price: price(in: "EUR")'])
      expect(asked?.query.replaceAll(/\s+/g, ' ')).toContain(text)
  })
})

describe('an operation', () => {
  it('may use names that every object in JavaScript has', async () => {
    const graph = createGraph(shop, {
      goods: () => ({
        data: JSON.parse('{"__proto__":{"constructor":"n","__typename":"Product","id":"1"}}') as Record<
          string,
          unknown
        >,
      }),
      stock: () => ({ data: { _entities: [JSON.parse('{"__proto__":7}') as Record<string, unknown>] } }),
    })
    const { data } = await graph.ask(
      '{ __proto__: one { constructor: name toString: weight __proto__: free } }',
    )
    expect(JSON.stringify(data)).toBe('{"__proto__":{"constructor":"n","toString":null,"__proto__":7}}')
    expect(({} as Record<string, unknown>).constructor).toBe(Object)
  })

  it('fails where no subgraph can bring anything of it', async () => {
    const graph = createGraph(
      {
        a: 'type Query { a: Node } interface Node @key(fields: "id") { id: ID! }',
        b: `type Query { b: Node }
          type Node @key(fields: "id", resolvable: false) @interfaceObject { id: ID! field: String }`,
      },
      {},
    )
    expect(await graph.ask('{ a { field } }')).toEqual({
      data: null,
      errors: [': no subgraph can bring anything of it'],
    })
    expect(await graph.ask('{ a @skip(if: true) { field } }')).toEqual({ data: {}, errors: [] })
  })

  it('is refused when a variable of @include is null', async () => {
    const graph = createGraph(shop, { goods: () => ({ data: { one: product('1') } }) })
    const query = 'query ($with: Boolean = true) { one { id @include(if: $with) } }'
    await expect(graph.ask(query, { with: null })).rejects.toThrow('must not be null')
  })

  it('learns of the schema what clients may see', async () => {
    const graph = createGraph(shop, { goods: () => ({ data: { one: product('1') } }) })
    const query = `query ($name: String!, $no: Boolean = false) { one { id } tag: __type(name: $name) { ...names }
      __schema @include(if: $no) { types { name } } } fragment names on __Type { enumValues { name } }`
    expect((await graph.ask(query, { name: 'Tag' })).data).toEqual({
      one: { id: '1' },
      tag: { enumValues: [{ name: 'NEW' }] },
    })
  })
})
