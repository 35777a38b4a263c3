import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { guardSchema, type AccessContext, type Policies, type Viewer } from './index.ts'

const schemaText = (imports: string, email: string) => `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", ${imports}])
  type User @key(fields: "id") { id: ID! name: String! email: String ${email} }
  type Secret @authenticated { code: String }
  type Query {
    users: [User!]
    secret: Secret
    report: String @requiresScopes(scopes: [["a:read", "b:read"], ["root:all"]])
  }`

const allImports = '"@authenticated", "@requiresScopes", "@policy"'
const selfOrReader = '@policy(policies: [["self"], ["users:read"]])'
const users = [
  { id: '1', name: 'Ann', email: 'ann@mall.test' },
  { id: '2', name: 'Bob', email: 'bob@mall.test' },
]
const resolvers = {
  Query: { users: () => users, secret: () => ({ code: '42' }), report: () => 'done' },
  User: { __resolveReference: ({ id }: { id: string }) => users.find((user) => user.id === id) },
}
const policies: Policies = {
  self: (parent, _args, { viewer }) => (parent as { id: string }).id === viewer?.id,
}

const build = (text: string, rules: Policies = policies) =>
  guardSchema(buildSubgraphSchema([{ typeDefs: parse(text), resolvers }]), rules)

const viewer = (id: string, ...scopes: string[]): Viewer => ({ id, scopes, roles: [], sessionId: 's' })

async function run(source: string, who: Viewer | null, schema = build(schemaText(allImports, selfOrReader))) {
  const contextValue: AccessContext = { viewer: who }
  const { data, errors } = await graphql({ schema, source, contextValue })
  return { data, errors: errors?.map(({ path, extensions }) => [path?.join('.'), extensions.code]) }
}

describe('a guarded field', () => {
  it('is seen by its owner; for others it is null with an error, and the rest comes', async () => {
    expect(await run('{ users { name email } }', viewer('1'))).toEqual({
      data: {
        users: [
          { name: 'Ann', email: 'ann@mall.test' },
          { name: 'Bob', email: null },
        ],
      },
      errors: [['users.1.email', 'FORBIDDEN']],
    })
  })

  it('is seen by who has the scope that a policy names', async () => {
    expect((await run('{ users { email } }', viewer('9', 'users:read'))).errors).toBeUndefined()
  })

  it('asks strangers to sign in', async () => {
    expect((await run('{ users { email } }', null)).errors).toEqual([
      ['users.0.email', 'UNAUTHENTICATED'],
      ['users.1.email', 'UNAUTHENTICATED'],
    ])
  })

  it('is guarded through _entities as well', async () => {
    const source = `{ _entities(representations: [{ __typename: "User", id: "2" }]) { ... on User { email } } }`
    expect((await run(source, viewer('1'))).errors).toEqual([['_entities.0.email', 'FORBIDDEN']])
  })

  it('needs all scopes of one of its lists', async () => {
    expect((await run('{ report }', viewer('1', 'a:read'))).errors).toEqual([['report', 'FORBIDDEN']])
    expect((await run('{ report }', viewer('1', 'a:read', 'b:read'))).data).toEqual({ report: 'done' })
    expect((await run('{ report }', viewer('1', 'root:all'))).data).toEqual({ report: 'done' })
  })

  it('is guarded by the rule of its type', async () => {
    expect((await run('{ secret { code } }', null)).errors).toEqual([['secret.code', 'UNAUTHENTICATED']])
    expect((await run('{ secret { code } }', viewer('1'))).data).toEqual({ secret: { code: '42' } })
  })

  it('is guarded when the directive has another name here', async () => {
    const renamed = schemaText(
      '"@authenticated", "@requiresScopes", {name: "@policy", as: "@rule"}',
      selfOrReader.replace('@policy', '@rule'),
    )
    expect((await run('{ users { email } }', viewer('1'), build(renamed))).errors).toHaveLength(1)
  })
})

describe('a schema', () => {
  it('is refused when it names a policy that has no rule', () => {
    expect(() => build(schemaText(allImports, selfOrReader), {})).toThrow('"self"')
  })
})
