import { createTestDatabase, type TestDatabase } from '@mall/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCatalogueRepository } from '../data/catalogue-repository.ts'
import { createDatabase, type Database } from '../data/database.ts'
import type { SearchFilter } from './filter.ts'
import { createPostgresSearch, type CatalogueSearch, type Hit, type ProductSort } from './search.ts'

const everything: SearchFilter = {
  text: null,
  categories: null,
  minPrice: null,
  maxPrice: null,
  options: [],
  inStock: false,
}

/** Every engine of the catalogue search must answer so; `search` is over the catalogue below. */
function describeSearch(engine: string, search: () => CatalogueSearch) {
  const find = async (filter: Partial<SearchFilter>, sort: ProductSort = 'RELEVANCE') =>
    (await search().find({ filter: { ...everything, ...filter }, sort, after: null, limit: 50 })).map(
      ({ id }) => id,
    )
  const facet = async (name: string, filter: Partial<SearchFilter> = {}) => {
    const facets = await search().facets({ ...everything, ...filter })
    const values = facets.find((one) => one.name === name)?.values ?? []
    return Object.fromEntries(values.map(({ value, count }) => [value, count]))
  }

  describe(`search by ${engine}`, () => {
    it('finds words, parts of words and article codes, whatever their case', async () => {
      expect(await find({ text: 'THERMOS' })).toEqual(['thermos'])
      expect(await find({ text: 'keyb' })).toEqual(['keyboard'])
      expect(await find({ text: 'kb-red' })).toEqual(['keyboard'])
    })

    it('forgives a typing error, and finds nothing for what is nowhere near', async () => {
      expect(await find({ text: 'termos' })).toContain('thermos')
      expect(await find({ text: 'keybaord' })).toContain('keyboard')
      expect(await find({ text: 'zzyzx' })).toEqual([])
    })

    it('finds Chinese without spaces, from one character on, and with Latin beside it', async () => {
      expect(await find({ text: '保温杯' })).toEqual(['thermos'])
      expect(await find({ text: '杯' })).toEqual(expect.arrayContaining(['thermos', 'mug']))
      expect(await find({ text: '键盘 keyboard' })).toEqual(['keyboard'])
      expect(await find({ text: '保温灯' })).toEqual([])
    })

    it('puts the name before the description', async () => {
      expect(await find({ text: 'mug' })).toEqual(['mug', 'thermos'])
    })

    it('takes signs of the query language as nothing special', async () => {
      expect(await find({ text: "%_'\\;--" })).toHaveLength(4)
      expect(await find({ text: '100%zzyzx' })).toEqual([])
    })

    it('wants one variant to meet all conditions at once', async () => {
      expect(await find({ options: [{ name: 'colour', value: 'red' }] }, 'PRICE_ASC')).toEqual([
        'mug',
        'keyboard',
      ])
      // The red mug is sold out; the blue one is not red.
      expect(await find({ options: [{ name: 'colour', value: 'red' }], inStock: true })).toEqual(['keyboard'])
      const redOrBlue = ['red', 'blue'].map((value) => ({ name: 'colour', value }))
      expect(await find({ options: redOrBlue, maxPrice: 5_000 })).toEqual(['mug'])
      expect(await find({ minPrice: 12_900, maxPrice: 12_900 })).toEqual(['thermos'])
    })

    it('leaves out what is archived or not in the category', async () => {
      expect(await find({ text: '旧灯' })).toEqual([])
      expect((await find({ categories: ['kitchen'] })).toSorted()).toEqual(['mug', 'thermos'])
      expect(await find({ categories: ['no-such-category'] })).toEqual([])
    })

    it.each<[ProductSort, string[]]>([
      ['PRICE_ASC', ['mug', 'thermos', 'lamp', 'keyboard']],
      ['PRICE_DESC', ['keyboard', 'lamp', 'thermos', 'mug']],
      ['NEWEST', ['keyboard', 'lamp', 'mug', 'thermos']],
      ['BEST_SELLING', ['lamp', 'mug', 'keyboard', 'thermos']],
    ])('sorts by %s', async (sort, ids) => {
      expect(await find({}, sort)).toEqual(ids)
    })

    it.each<ProductSort>(['RELEVANCE', 'PRICE_ASC', 'PRICE_DESC', 'NEWEST', 'BEST_SELLING'])(
      'pages through %s without a gap or a repeat',
      async (sort) => {
        const filter = { ...everything, text: sort === 'RELEVANCE' ? '杯' : null }
        const all = await search().find({ filter, sort, after: null, limit: 50 })
        const paged: Hit[] = []
        for (let after: Hit | null = null; ; after = paged.at(-1) ?? null) {
          const page: Hit[] = await search().find({ filter, sort, after, limit: 1 })
          if (page.length === 0) break
          paged.push(...page)
        }
        expect(paged).toEqual(all)
      },
    )

    it('counts what it finds', async () => {
      expect(await search().count(everything)).toBe(4)
      expect(await search().count({ ...everything, text: '杯', inStock: true })).toBe(2)
    })
  })

  describe(`facets by ${engine}`, () => {
    it('count products, not variants', async () => {
      expect(await facet('category')).toEqual({ kitchen: 2, desk: 1, lighting: 1 })
      expect(await facet('colour')).toEqual({ red: 2, blue: 2, white: 1 })
      expect(await facet('price')).toEqual({ '0-5000': 1, '10000-20000': 2, '20000-50000': 1 })
      expect(await facet('inStock')).toEqual({ true: 4, false: 1 })
    })

    it('are narrowed by all other choices but not by their own', async () => {
      const kitchen = { categories: ['kitchen'] }
      expect(await facet('category', kitchen)).toEqual({ kitchen: 2, desk: 1, lighting: 1 })
      expect(await facet('colour', kitchen)).toEqual({ red: 1, blue: 1, white: 1 })
      const red = { options: [{ name: 'colour', value: 'red' }] }
      expect(await facet('colour', red)).toEqual({ red: 2, blue: 2, white: 1 })
      expect(await facet('layout', red)).toEqual({ ansi: 1 })
      expect(await facet('category', { ...red, inStock: true })).toEqual({ desk: 1 })
      expect(await facet('inStock', { ...red, inStock: true })).toEqual({ true: 1, false: 1 })
      expect(await facet('price', { minPrice: 20_000 })).toEqual(await facet('price'))
    })

    it('say what would be found when one of their values is chosen as well', async () => {
      const filter = { text: '杯' }
      for (const [value, count] of Object.entries(await facet('colour', filter)))
        expect(await find({ ...filter, options: [{ name: 'colour', value }] })).toHaveLength(count)
    })

    it('are empty where nothing is found', async () => {
      expect(await facet('category', { text: 'zzyzx' })).toEqual({})
    })
  })
}

let database: TestDatabase
let db: Database
beforeAll(async () => {
  database = await createTestDatabase('products')
  db = createDatabase({ url: database.url, poolSize: 4 })
  await fill(db)
})
afterAll(async () => {
  await db.$disconnect()
  await database.drop()
})
describeSearch('PostgreSQL', () => createPostgresSearch(db))

interface Variant {
  code: string
  price: number
  stock: number
  sold?: number
  options: Record<string, string>
}

async function fill(into: Database): Promise<void> {
  const catalogue = createCatalogueRepository(into)
  await into.category.createMany({
    data: ['kitchen', 'lighting', 'desk'].map((id) => ({ id, slug: id, name: id })),
  })
  let day = 0
  const add = async (
    slug: string,
    name: string,
    description: string,
    categoryId: string,
    variants: Variant[],
  ) => {
    await catalogue.create({
      slug,
      name,
      description,
      categoryId,
      skus: variants.map(({ options, stock: initialStock, ...sku }) => ({
        code: sku.code,
        price: sku.price,
        currency: 'CNY',
        initialStock,
        options: Object.entries(options).map(([option, value]) => ({ name: option, value })),
      })),
    })
    for (const { code, sold = 0 } of variants)
      await into.stock.update({ where: { skuId: `sku-${code.toLowerCase()}` }, data: { sold } })
    await into.product.update({
      where: { id: slug },
      data: { createdAt: new Date(Date.UTC(2026, 0, ++day)) },
    })
  }
  await add('thermos', '山岚保温杯 · Mistfall Thermos', 'Keeps tea hot, better than any mug.', 'kitchen', [
    { code: 'TH-W', price: 12_900, stock: 9, options: { colour: 'white' } },
  ])
  await add('mug', '大马克杯 · Big Mug', 'For coffee.', 'kitchen', [
    { code: 'MUG-RED', price: 3_900, stock: 0, sold: 3, options: { colour: 'red' } },
    { code: 'MUG-BLUE', price: 3_900, stock: 4, sold: 2, options: { colour: 'blue' } },
  ])
  await add('lamp', '台灯 · Desk Lamp', 'Warm light.', 'lighting', [
    { code: 'LAMP-BLUE', price: 19_900, stock: 2, sold: 8, options: { colour: 'blue' } },
  ])
  await add('keyboard', '机械键盘 · Mechanical Keyboard', 'Quiet keys.', 'desk', [
    { code: 'KB-RED', price: 45_000, stock: 1, sold: 1, options: { colour: 'red', layout: 'ansi' } },
  ])
  await add('retired', '旧灯 · Retired Lamp', 'No longer made.', 'lighting', [
    { code: 'OLD', price: 9_900, stock: 5, options: { colour: 'red' } },
  ])
  await catalogue.update({ id: 'retired', fields: {}, skus: [{ id: 'sku-old', archived: true }] })
}
