import { createTestDatabase, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCatalogueRepository, type CatalogueRepository } from './catalogue-repository.ts'
import { createDatabase, type Database } from './database.ts'

let database: TestDatabase
let db: Database
let catalogue: CatalogueRepository
beforeAll(async () => {
  database = await createTestDatabase('products')
  db = createDatabase({ url: database.url, poolSize: 3 })
  catalogue = createCatalogueRepository(db)
  await catalogue.create({
    slug: 'mug',
    name: 'Mug',
    description: '',
    categoryId: 'kitchen',
    skus: [{ code: 'Mug-1', options: [], price: 1_990, currency: 'CNY', initialStock: 3 }],
  })
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
})

describe('a new product', () => {
  it('stands in the outbox with its first stock in the ledger', async () => {
    expect(await catalogue.findUnpublished(10)).toMatchObject([
      { productId: 'mug', skus: [{ code: 'Mug-1' }] },
    ])
    expect(await db.stockLedger.findMany()).toMatchObject([
      { skuId: 'sku-mug-1', delta: 3, published: false },
    ])
  })

  it('cannot have the slug that another was made with, also when that one has a new slug', async () => {
    await catalogue.update({ id: 'mug', fields: { slug: 'cup' }, skus: [] })
    expect(await catalogue.isSlugTaken('cup')).toBe(true)
    expect(await catalogue.isSlugTaken('mug')).toBe(true)
    expect(await catalogue.isSlugTaken('bowl')).toBe(false)
  })

  it("cannot have another article's code, in whatever case", async () => {
    expect(await catalogue.takenCodes(['MUG-1', 'mug-2'])).toEqual(['MUG-1'])
  })
})

describe('a product that was told', () => {
  it('leaves the outbox until it changes again', async () => {
    await catalogue.markPublished(await catalogue.findUnpublished(10))
    expect(await catalogue.findUnpublished(10)).toEqual([])
    await catalogue.update({ id: 'mug', fields: {}, skus: [{ id: 'sku-mug-1', price: 2_490 }] })
    expect(await catalogue.findUnpublished(10)).toMatchObject([{ skus: [{ price: 2_490 }] }])
  })
})
