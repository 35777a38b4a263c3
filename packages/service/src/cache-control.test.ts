import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'
import { startSubgraph, type RunningSubgraph } from './subgraph.ts'
import { IDENTITY_HEADER, signIdentity } from './trust.ts'

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@authenticated"])'
const types = (hint: string) => `
  type Query { cat: Cat ${hint} plain: String pet: Pet ${hint} none: Cat ${hint} }
  interface Pet { diary: String }
  type Cat implements Pet @key(fields: "id") ${hint} { id: ID! name: String diary: String @authenticated broken: String friend: Stray }
  type Stray { name: String }`
const definition = 'directive @cacheControl(maxAge: Int, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT'
const cat = { id: 'tom', name: 'Tom', diary: 'Fish.', friend: { name: 'Kit' } }
const keys = [{ id: 'test', secret: 'a-secret-for-this-test' }]
const viewer = { id: 'tom', roles: [], scopes: [], sessionId: 's' }

const start = (typeDefs: string) =>
  startSubgraph({
    name: 'cats',
    typeDefs,
    resolvers: {
      Query: {
        cat: () => cat,
        plain: () => 'x',
        pet: () => ({ ...cat, __typename: 'Cat' }),
        none: () => null,
      },
      Cat: {
        __resolveReference: () => cat,
        broken: () => {
          throw new Error('no')
        },
      },
    },
    policies: {},
    createContext: () => ({ viewer }),
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys: keys,
    logger: createLogger({ name: 'test', level: 'silent' }),
  })

let hinting: RunningSubgraph
let silent: RunningSubgraph
beforeAll(async () => {
  hinting = await start([link, definition, types('@cacheControl(maxAge: 60)')].join('\n'))
  silent = await start([link, types('')].join('\n'))
})
afterAll(() => Promise.all([hinting.close(), silent.close()]))

async function cacheControlOf(query: string, { url } = hinting): Promise<string | null> {
  const body = JSON.stringify({ query })
  const claims = { audience: 'cats', method: 'POST', body, viewer, address: '203.0.113.7' }
  const identity = signIdentity({ ...claims, expiresAt: Date.now() + 5_000 }, keys)
  const headers = { 'content-type': 'application/json', [IDENTITY_HEADER]: identity }
  const response = await fetch(`${url}/graphql`, { method: 'POST', headers, body })
  expect(await response.json()).toHaveProperty('data')
  return response.headers.get('cache-control')
}

const entity = (selection: string) =>
  `{ _entities(representations: [{ __typename: "Cat", id: "tom" }]) { ... on Cat { ${selection} } } }`

describe('an answer', () => {
  it('says how long it may be kept, where the schema does', async () => {
    const spread = '{ cat { ...Named } } fragment Named on Cat { name }'
    for (const query of ['{ cat { name } }', '{ none { name } }', spread, entity('name')])
      expect(await cacheControlOf(query)).toBe('max-age=60, public')
  })

  it.each([
    ['has a root field without a hint', '{ cat { name } plain }'],
    ['has an object without a hint', '{ cat { name friend { name } } }'],
    ['has an error', '{ cat { name broken } }'],
    ['has a guarded field, though its viewer may see it', '{ cat { name diary } }'],
    ['has a field that is guarded behind an interface', '{ pet { diary } }'],
    ['has a guarded field in a fragment', '{ cat { ...Own } } fragment Own on Cat { name diary }'],
    ['has a guarded field of an entity', entity('name diary')],
  ])('says nothing when it %s', async (_what, query) => {
    expect(await cacheControlOf(query)).toBeNull()
  })

  it('says nothing where the schema knows no hints', async () => {
    for (const query of ['{ cat { name } }', entity('name')])
      expect(await cacheControlOf(query, silent)).toBeNull()
  })
})
