import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSubgraph, type RunningSubgraph } from '@mall/service/subgraph'
import { IDENTITY_HEADER, signIdentity } from '@mall/service/trust'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCachedAnswers } from '../data/cached-answers.ts'
import { createCatalogueRepository } from '../data/catalogue-repository.ts'
import { createLoaders } from '../data/loaders.ts'
import { policies } from '../policies.ts'
import { createPostgresSearch } from '../search/search.ts'
import { createStockDesk } from '../stock/desk.ts'
import { openStockRoom, quiet, type StockRoom } from '../testing/stock-room.ts'
import { resolvers } from './index.ts'

const identityKeys = [{ id: 'test', secret: 'a-secret-for-this-test' }]
const staff = { id: 'staff', roles: [], scopes: ['stock:read', 'products:write'], sessionId: 's' }

let room: StockRoom
let subgraph: RunningSubgraph
beforeAll(async () => {
  room = await openStockRoom()
  const { db, live } = room
  const catalogue = createCatalogueRepository(db)
  await db.category.createMany({
    data: [
      { id: 'home', slug: 'home', name: 'Home' },
      { id: 'kitchen', slug: 'kitchen', name: 'Kitchen', parentId: 'home' },
    ],
  })
  await catalogue.create({
    slug: 'mug',
    name: 'Mug',
    description: '',
    categoryId: 'kitchen',
    skus: [{ code: 'M', options: [], price: 1_990, currency: 'CNY', initialStock: 3 }],
  })
  await db.image.create({
    data: { id: 'i', productId: 'mug', hash: 'h', alt: 'A mug', width: 8, height: 8 },
  })
  subgraph = await startSubgraph({
    name: 'products',
    typeDefs: readFileSync(join(import.meta.dirname, '..', '..', 'schema.graphql'), 'utf8'),
    resolvers,
    policies,
    createContext: ({ viewer }) => ({
      viewer,
      catalogue,
      search: createPostgresSearch(db),
      desk: createStockDesk({ db, announce: () => Promise.resolve(), onMoved: () => {} }),
      watch: {
        follow: () => {
          throw new Error('nothing is watched here')
        },
      },
      cached: createCachedAnswers(room.redis),
      wakeOutbox: () => {},
      mediaBaseUrl: '',
      loaders: createLoaders({ catalogue, live }),
    }),
    listen: { host: '127.0.0.1', port: 0 },
    identityKeys,
    logger: quiet,
  })
})
afterAll(async () => {
  await subgraph.close()
  await room.close()
})

/** For how long the subgraph lets an answer be kept; staff asks, who may see everything. */
async function cacheControlOf(query: string): Promise<string | null> {
  const body = JSON.stringify({ query })
  const claims = { audience: 'products', method: 'POST', body, viewer: staff, address: '203.0.113.7' }
  const response = await fetch(`${subgraph.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [IDENTITY_HEADER]: signIdentity({ ...claims, expiresAt: Date.now() + 5_000 }, identityKeys),
    },
    body,
  })
  expect(await response.json()).not.toHaveProperty('errors')
  return response.headers.get('cache-control')
}

const entity = (type: string, id: string, selection: string) =>
  `{ _entities(representations: [{ __typename: "${type}", id: "${id}" }]) { ... on ${type} { ${selection} } } }`

const ofProduct = `id slug name description createdAt priceFrom { amount currency }
  category { id slug name parent { name children { name } } } images { id url alt width height }`
const ofSku = 'id code archived options { name value } price { amount currency }'

describe('may be kept and given to anybody', () => {
  it.each([
    ['a product', `{ product(slug: "mug") { ${ofProduct} skus { ${ofSku} } } }`, 300],
    ['no product', '{ product(id: "no-such") { name } }', 300],
    ['a variant', `{ sku(id: "sku-m") { ${ofSku} product { ${ofProduct} } } }`, 300],
    ['the categories', '{ categories { id slug name children { name } } }', 300],
    ['a product that others refer to', entity('Product', 'mug', `${ofProduct} skus { ${ofSku} }`), 300],
    ['a variant that others refer to', entity('Sku', 'sku-m', `${ofSku} product { ${ofProduct} }`), 300],
    [
      'a list, but for less time, as it may be sorted by what sells',
      `{ products(search: { text: "mug" }) { edges { cursor node { ${ofProduct} } } nodes { ${ofProduct} } totalCount
        pageInfo { hasNextPage endCursor } } }`,
      60,
    ],
    [
      'a list and a product, as long as the list',
      '{ products { totalCount } product(id: "mug") { name } }',
      60,
    ],
  ])('%s', async (_what, query, seconds) => {
    expect(await cacheControlOf(query)).toBe(`max-age=${seconds}, public`)
  })
})

describe('is never kept', () => {
  it.each([
    ['stock', '{ sku(id: "sku-m") { stock { available } } }'],
    ["stock's version", '{ sku(id: "sku-m") { name: code stock { version } } }'],
    ['a product with stock in it', '{ product(slug: "mug") { name skus { code stock { available } } } }'],
    ['a list with stock in it', '{ products { nodes { name skus { stock { available } } } } }'],
    ['an entity with stock in it', entity('Sku', 'sku-m', 'code stock { available }')],
    ['what is in stock', '{ products(search: { inStock: true }) { nodes { name } } }'],
    ['how many are in stock', '{ products { totalCount facets { name values { value count } } } }'],
    ['guarded stock', '{ sku(id: "sku-m") { stock { reserved sold } } }'],
    ['guarded stock of an entity', entity('Sku', 'sku-m', 'stock { reserved }')],
    [
      'what changes something',
      'mutation { updateProduct(input: { id: "mug" }) { ... on Product { name priceFrom { amount } } } }',
    ],
  ])('%s', async (_what, query) => {
    expect(await cacheControlOf(query)).toBeNull()
  })
})
