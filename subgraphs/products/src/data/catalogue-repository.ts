import { randomUUID } from 'node:crypto'
import type { CatalogueChanged } from '@mall/contracts'
import type { NewProduct, ProductChanges } from '../domain/product.ts'
import type { Category, Image, Product, Sku } from '../generated/prisma/client.ts'
import { searchTextOf } from '../search/text.ts'
import { defaultWarehouse } from '../stock/ledger.ts'
import type { Database, Transaction } from './database.ts'

/** A product with its variants. */
export type ProductWithSkus = Product & { skus: Sku[] }

/** The catalogue in PostgreSQL. */
export type CatalogueRepository = ReturnType<typeof createCatalogueRepository>

export function createCatalogueRepository(db: Database) {
  async function skusOf(productIds: readonly string[], tx: Transaction = db): Promise<Sku[]> {
    return tx.sku.findMany({
      where: { productId: { in: [...productIds] } },
      orderBy: [{ price: 'asc' }, { id: 'asc' }],
    })
  }

  return {
    skusOf,
    products: (ids: readonly string[]): Promise<Product[]> =>
      db.product.findMany({ where: { id: { in: [...ids] } } }),
    skus: (ids: readonly string[]): Promise<Sku[]> => db.sku.findMany({ where: { id: { in: [...ids] } } }),
    productBySlug: (slug: string): Promise<Product | null> => db.product.findUnique({ where: { slug } }),
    categories: (): Promise<Category[]> =>
      db.category.findMany({ orderBy: [{ position: 'asc' }, { id: 'asc' }] }),
    imagesOf: (productIds: readonly string[]): Promise<Image[]> =>
      db.image.findMany({ where: { productId: { in: [...productIds] } }, orderBy: { position: 'asc' } }),
    /** A slug is also the id of the product that was made with it, and stays so when that one is renamed. */
    isSlugTaken: async (slug: string) =>
      (await db.product.count({ where: { OR: [{ slug }, { id: slug }] } })) > 0,
    /** Those of the codes that an article has, in whatever case. */
    async takenCodes(codes: readonly string[]): Promise<string[]> {
      const found = await db.sku.findMany({
        where: { OR: [{ id: { in: codes.map(skuIdOf) } }, { code: { in: [...codes] } }] },
      })
      return codes.filter((code) => found.some((sku) => sku.id === skuIdOf(code) || sku.code === code))
    },

    /** Adds a product, its variants and their first stock. */
    create(product: NewProduct): Promise<Product> {
      return db.$transaction(async (tx) => {
        const id = product.slug
        const skus = product.skus.map((sku) => ({ ...sku, id: skuIdOf(sku.code) }))
        await tx.product.create({
          data: {
            id,
            slug: product.slug,
            name: product.name,
            description: product.description,
            categoryId: product.categoryId,
            searchText: searchTextOf([product.name, product.description, ...skus.map(({ code }) => code)]),
          },
        })
        await tx.sku.createMany({
          data: skus.map(({ id: skuId, code, options, price, currency }) => ({
            id: skuId,
            productId: id,
            code,
            options: options.map((option) => ({ ...option })),
            price,
            currency,
          })),
        })
        await tx.stock.createMany({
          data: skus.map((sku) => ({
            skuId: sku.id,
            available: sku.initialStock,
            reserved: 0,
            sold: 0,
            version: 1,
          })),
        })
        await tx.stockLedger.createMany({
          data: skus
            .filter(({ initialStock }) => initialStock > 0)
            .map((sku) => ({
              id: randomUUID(),
              skuId: sku.id,
              warehouseId: defaultWarehouse,
              delta: sku.initialStock,
              reason: 'initial stock',
              idempotencyKey: `initial:${sku.id}`,
              inputHash: '',
              remaining: sku.initialStock,
            })),
        })
        return priced(tx, id)
      })
    },

    /** Changes a product and its variants; null when there is no such product, or a variant is not its own. */
    update(changes: ProductChanges): Promise<Product | null> {
      return db.$transaction(async (tx) => {
        const present = await tx.product.findUnique({ where: { id: changes.id } })
        if (!present) return null
        const own = new Set((await skusOf([changes.id], tx)).map(({ id }) => id))
        if (changes.skus.some(({ id }) => !own.has(id))) return null
        for (const { id, ...data } of changes.skus) await tx.sku.update({ where: { id }, data })
        const { slug, name, description, categoryId } = { ...present, ...changes.fields }
        const codes = (await skusOf([changes.id], tx)).map(({ code }) => code)
        await tx.product.update({
          where: { id: changes.id },
          data: {
            slug,
            name,
            description,
            categoryId,
            searchText: searchTextOf([name, description, ...codes]),
          },
        })
        return priced(tx, changes.id)
      })
    },

    /** Up to `limit` products that changed since they were last told. */
    async findUnpublished(limit: number): Promise<CatalogueChanged[]> {
      const products = await db.$queryRaw<{ id: string; slug: string; name: string; version: number }[]>`
        select id, slug, name, version from product where version > published_version order by id limit ${limit}`
      const skus = Map.groupBy(await skusOf(products.map(({ id }) => id)), ({ productId }) => productId)
      return products.map(({ id, slug, name, version }) => ({
        productId: id,
        slug,
        name,
        version,
        archived: false,
        skus: (skus.get(id) ?? []).map(contractSku),
      }))
    },

    /** Notes which versions have been told. */
    async markPublished(products: readonly { productId: string; version: number }[]): Promise<void> {
      if (products.length === 0) return
      await db.$executeRaw`
        update product p set published_version = greatest(p.published_version, t.version)
        from json_to_recordset(${JSON.stringify(products.map(({ productId, version }) => ({ productId, version })))}::json)
          as t("productId" text, version int)
        where p.id = t."productId"`
    },
  }

  /** Takes over the lowest price of what is on sale and counts the change. */
  async function priced(tx: Transaction, id: string): Promise<Product> {
    const prices = (await skusOf([id], tx)).filter(({ archived }) => !archived).map(({ price }) => price)
    const lowest = prices.length === 0 ? null : prices.reduce((a, b) => (a < b ? a : b))
    return tx.product.update({ where: { id }, data: { priceFrom: lowest, version: { increment: 1 } } })
  }
}

const skuIdOf = (code: string) => `sku-${code.toLowerCase()}`

type ContractSku = CatalogueChanged['skus'][number]

const contractSku = ({ id, code, options, price, currency, archived }: Sku): ContractSku => ({
  id,
  code,
  options: options as unknown as ContractSku['options'],
  price: Number(price),
  currency: currency as ContractSku['currency'],
  archived,
})
