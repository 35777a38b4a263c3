import { getOperationAST, graphqlSync, buildSchema, parse, print, validate, type ASTNode } from 'graphql'
import { describe, expect, it } from 'vitest'
import {
  collectRules,
  denied as deniedError,
  deniedDecisions,
  deniedFields,
  guardOperation,
  pruneDenied,
  restoreDenied,
  type Viewer,
} from './index.ts'

const sdl = `
  schema @link(url: "https://specs.apollo.dev/link/v1.0")
    @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
    @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", as: "needs", for: SECURITY)
    @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY) { query: Query mutation: Mutation }
  directive @link(url: String, as: String, for: P) repeatable on SCHEMA
  enum P { SECURITY }
  directive @authenticated on FIELD_DEFINITION | OBJECT
  directive @needs(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT
  directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION
  type Query { cats(first: Int): [Cat] animal: Animal list: [Cat!] strict: Cat! any: Any open: String vault: Vault }
  type Mutation { rename(id: ID): Cat }
  interface Animal { name: String }
  type Cat implements Animal { name: String age(of: Int): Int @authenticated chip: Int! @needs(scopes: [["cats:read"]])
    mood: String @policy(policies: [["self"]]) friend: Cat }
  type Dog implements Animal @authenticated { name: String tag: String! }
  type Vault @needs(scopes: [["vault:open", "cats:read"], ["root:all"]]) { gold: Int }
  union Any = Cat | Dog`

const schema = buildSchema(sdl)
const rules = collectRules(sdl)
const cat = { __typename: 'Cat', name: 'Tom', age: 3, chip: 7, mood: 'fine' }
const dog = { __typename: 'Dog', name: 'Rex', tag: 'X' }
const root = {
  cats: [cat, cat],
  animal: dog,
  list: [cat],
  strict: cat,
  any: dog,
  open: 'yes',
  vault: { gold: 1 },
  rename: cat,
}
const viewer = (...scopes: string[]): Viewer => ({ id: '1', scopes, roles: [], sessionId: 's' })

async function admit(text: string, who: Viewer | null, variables = {}) {
  const document = parse(text)
  const operation = getOperationAST(document)
  if (!operation) throw new Error('no operation')
  const guarded = guardOperation(schema, document, rules)
  const no = await deniedDecisions(guarded, who)
  const denied = (node: ASTNode) => guarded.guards.get(node)?.some((index) => no.has(index)) ?? false
  const asked = { schema, document, operation, variables, denied, error: () => deniedError(who) }
  return { pruned: pruneDenied(schema, document, denied), asked, isDenied: no.size > 0 }
}

/** What a viewer gets who asks for `text`, when everything that was not pruned is there. */
async function answer(text: string, who: Viewer | null, variables = {}) {
  const { pruned, asked } = await admit(text, who, variables)
  expect(validate(schema, pruned)).toEqual([])
  const { data, errors } = graphqlSync({
    schema,
    source: print(pruned),
    rootValue: root,
    variableValues: variables,
  })
  expect(errors).toBeUndefined()
  const restored = restoreDenied(data, asked)
  return {
    data: restored.data,
    errors: restored.errors.map(({ path, extensions }) => `${path?.join('.')}: ${String(extensions.code)}`),
  }
}

describe('rules of a supergraph', () => {
  it('are found under the names that its links give, without policies', () => {
    expect([...rules.decisions.keys()].toSorted()).toEqual(['Cat.age', 'Cat.chip', 'Dog', 'Vault'])
  })

  it('are found when an import renames the directive', () => {
    const renamed = collectRules(`
      schema @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", import: [{ name: "@requiresScopes", as: "@must" }]) { query: Query }
      directive @must(scopes: [[String!]!]!) on FIELD_DEFINITION
      type Query { a: Int @must(scopes: [["a:read"]]) }`)
    expect([...renamed.decisions.keys()]).toEqual(['Query.a'])
  })

  it('are none without links', async () => {
    const none = collectRules(
      'type Query { a: Int @authenticated } directive @authenticated on FIELD_DEFINITION',
    )
    expect(none.decisions.size).toBe(0)
  })

  it('are each evaluated once and hold alternatives', async () => {
    expect((await admit('{ cats { age a: age friend { age } } }', null)).asked.operation).toBeDefined()
    expect((await answer('{ vault { gold } }', viewer('vault:open'))).errors).toEqual(['vault: FORBIDDEN'])
    expect((await answer('{ vault { gold } }', viewer('vault:open', 'cats:read'))).errors).toEqual([])
    expect((await answer('{ vault { gold } }', viewer('root:all'))).errors).toEqual([])
  })
})

describe('a denied field', () => {
  it('becomes null at each of its paths, in the order that was asked', async () => {
    const { data, errors } = await answer(
      '{ open cats { a: age name ...f } } fragment f on Cat { age }',
      null,
    )
    expect(JSON.stringify(data)).toBe(
      '{"open":"yes","cats":[{"a":null,"name":"Tom","age":null},{"a":null,"name":"Tom","age":null}]}',
    )
    expect(errors).toHaveLength(4)
    expect(errors[0]).toBe('cats.0.a: UNAUTHENTICATED')
  })

  it('nulls the nearest parent that may be null', async () => {
    expect((await answer('{ cats { chip } open }', viewer())).data).toEqual({
      cats: [null, null],
      open: 'yes',
    })
    expect((await answer('{ list { chip } open }', viewer())).data).toEqual({ list: null, open: 'yes' })
    expect((await answer('{ strict { chip } open }', viewer())).data).toBeNull()
  })

  it('is denied through a guarded type behind an interface or union', async () => {
    const text = '{ animal { name ... on Dog { tag } } any { ... on Dog { name } ... on Cat { name } } }'
    const stranger = await answer(text, null)
    expect(stranger).toEqual({
      data: { animal: null, any: { name: null } },
      errors: ['animal.tag: UNAUTHENTICATED', 'any.name: UNAUTHENTICATED'],
    })
    expect((await answer(text, viewer())).data).toEqual({
      animal: { name: 'Rex', tag: 'X' },
      any: { name: 'Rex' },
    })
  })

  it('is not told of where it was skipped', async () => {
    const text = 'query ($s: Boolean!) { cats { name age @skip(if: $s) } }'
    expect((await answer(text, null, { s: true })).errors).toEqual([])
    expect((await answer(text, null, { s: false })).errors).toHaveLength(2)
  })

  it('takes variables and fragments with it that only it used', async () => {
    const text =
      'query ($n: Int, $f: Int) { cats(first: $f) { ...d name } } fragment d on Cat { age(of: $n) ...e } fragment e on Cat { chip }'
    const { pruned } = await admit(text, null)
    expect(print(pruned)).not.toContain('$n')
    expect(print(pruned)).toContain('$f')
  })

  it('leaves an operation that still asks something when all of it is denied', async () => {
    expect(await answer('{ vault { gold } }', null)).toEqual({
      data: { vault: null },
      errors: ['vault: UNAUTHENTICATED'],
    })
  })
})

describe('an operation that is refused whole', () => {
  it('names every denied field at any depth, once', async () => {
    const { asked } = await admit('mutation { rename { name friend { chip } } }', viewer())
    expect(deniedFields(asked).map(({ path }) => path)).toEqual([['rename', 'friend', 'chip']])
    const allowed = await admit('mutation { rename { name mood friend { chip } } }', viewer('cats:read'))
    expect(deniedFields(allowed.asked)).toEqual([])
  })
})
