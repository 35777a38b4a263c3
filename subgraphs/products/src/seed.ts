import { createHash } from 'node:crypto'
import { loadConfig } from './config.ts'
import { createDatabase } from './data/database.ts'
import { categories, products, variantsOf, type DemoProduct } from './demo/catalogue.ts'
import { drawPicture, pictureSize } from './demo/picture.ts'
import { searchTextOf } from './search/text.ts'

/** Where the demo stock stands; shares of every SKU's units. */
const warehouses = [
  { id: 'wh-shanghai', share: 0.5 },
  { id: 'wh-beijing', share: 0.3 },
  { id: 'wh-guangzhou', share: 0.2 },
] as const

const config = loadConfig()
if (config.isProduction) throw new Error('Demo data is not for production.')
const db = createDatabase(config.database)
// Whoever has begun to trade keeps their data: what is there is never overwritten.
await db.category.createMany({
  data: categories.map(({ id, name, parentId }, position) => ({ id, slug: id, name, parentId, position })),
  skipDuplicates: true,
})
const present = new Set((await db.product.findMany({ select: { id: true } })).map(({ id }) => id))
const missing = products.filter(({ id }) => !present.has(id))
await db.$transaction([
  db.product.createMany({ data: missing.map(productRow) }),
  db.sku.createMany({ data: missing.flatMap(skuRows) }),
  db.stock.createMany({ data: missing.flatMap(stockRows) }),
  db.stockLedger.createMany({ data: missing.flatMap(ledgerRows) }),
  db.media.createMany({ data: missing.map((product) => pictureOf(product).media), skipDuplicates: true }),
  db.image.createMany({ data: missing.map((product) => pictureOf(product).image) }),
])
await db.$disconnect()

function productRow(product: DemoProduct) {
  const { id, name, about, category } = product
  const index = products.indexOf(product)
  return {
    id,
    slug: id,
    name,
    description: about,
    categoryId: category,
    searchText: searchTextOf([name, about, ...variantsOf(product).map(({ code }) => code)]),
    priceFrom: product.price,
    createdAt: new Date(Date.UTC(2026, 0, 1 + index, 8)),
  }
}

function skuRows(product: DemoProduct) {
  return variantsOf(product).map(({ id, code, options, price }) => ({
    id,
    productId: product.id,
    code,
    options,
    price,
    currency: 'CNY',
  }))
}

function stockRows(product: DemoProduct) {
  return variantsOf(product).map(({ id, stock }) => ({
    skuId: id,
    available: stock,
    reserved: 0,
    sold: 0,
    version: 1,
  }))
}

function ledgerRows(product: DemoProduct) {
  return variantsOf(product).flatMap(({ id, stock }) => {
    let rest = stock
    return warehouses.flatMap((warehouse, index) => {
      const delta = index === warehouses.length - 1 ? rest : Math.floor(stock * warehouse.share)
      rest -= delta
      if (delta === 0) return []
      return [
        {
          id: `seed-${id}-${warehouse.id}`,
          skuId: id,
          warehouseId: warehouse.id,
          delta,
          reason: 'demo stock',
          idempotencyKey: `seed:${id}:${warehouse.id}`,
          inputHash: '',
          remaining: stock,
        },
      ]
    })
  })
}

function pictureOf({ id, name, category }: DemoProduct) {
  const glyph = categories.find((one) => one.id === category)?.glyph ?? 'bag'
  const content = Buffer.from(drawPicture(id, glyph))
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 24)
  const size = { width: pictureSize, height: pictureSize }
  return {
    media: { hash, contentType: 'image/svg+xml', content },
    image: { id: `img-${id}`, productId: id, hash, alt: name, ...size },
  }
}
