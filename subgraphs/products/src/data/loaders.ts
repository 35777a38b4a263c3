import DataLoader from 'dataloader'
import type { StockState } from '../domain/reserve.ts'
import type { Category, Image, Product, Sku } from '../generated/prisma/client.ts'
import type { LiveStock } from '../stock/live-stock.ts'
import type { CatalogueRepository } from './catalogue-repository.ts'

/** One per request: what one answer needs of a kind is read by one statement. */
export type Loaders = ReturnType<typeof createLoaders>

export function createLoaders({ catalogue, live }: { catalogue: CatalogueRepository; live: LiveStock }) {
  let categories: Promise<Category[]> | null = null
  return {
    product: new DataLoader<string, Product | null>(async (ids) =>
      inOrder(ids, await catalogue.products(ids)),
    ),
    sku: new DataLoader<string, Sku | null>(async (ids) => inOrder(ids, await catalogue.skus(ids))),
    skusOf: new DataLoader<string, Sku[]>(async (ids) => grouped(ids, await catalogue.skusOf(ids))),
    imagesOf: new DataLoader<string, Image[]>(async (ids) => grouped(ids, await catalogue.imagesOf(ids))),
    stock: new DataLoader<string, StockState | null>(async (ids) => {
      const states = await live.read(ids)
      return ids.map((id) => states.get(id) ?? null)
    }),
    /** The whole tree; it is small. */
    categories: () => (categories ??= catalogue.categories()),
  }
}

function inOrder<T extends { id: string }>(ids: readonly string[], found: readonly T[]): (T | null)[] {
  const byId = new Map(found.map((one) => [one.id, one]))
  return ids.map((id) => byId.get(id) ?? null)
}

function grouped<T extends { productId: string }>(ids: readonly string[], found: readonly T[]): T[][] {
  const byProduct = Map.groupBy(found, ({ productId }) => productId)
  return ids.map((id) => byProduct.get(id) ?? [])
}
