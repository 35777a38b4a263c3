import { setTimeout } from 'node:timers/promises'
import { invalidateCacheTags } from '@mall/service/cache-tags'
import type { Redis } from '@mall/service/redis'

/** What routers have kept of the catalogue (`@cacheTag` in the schema). */
export interface CachedAnswers {
  /** Makes them forget all that shows these products, from the next request on. Call it after the commit. */
  forget(products: readonly ChangedProduct[]): Promise<void>
  /** The same as far as Redis is quick to answer; never throws. The outbox does it again. */
  tryToForget(product: ChangedProduct): Promise<void>
}

/** A product with all its variants, archived ones too. */
export interface ChangedProduct {
  productId: string
  skus: readonly { id: string }[]
}

/** Whoever changes a product waits for Redis no longer, in milliseconds. */
const patience = 300

export function createCachedAnswers(redis: Redis): CachedAnswers {
  const forget = async (products: readonly ChangedProduct[]) => {
    if (products.length > 0) await invalidateCacheTags(redis, cacheTagsOf(products))
  }
  return {
    forget,
    async tryToForget(product) {
      await Promise.race([forget([product]).catch(() => undefined), setTimeout(patience)])
    },
  }
}

/** A product is seen by itself, through its variants, and in any list. */
export const cacheTagsOf = (products: readonly ChangedProduct[]): string[] => [
  'catalogue',
  ...products.flatMap(({ productId, skus }) => [
    `product-${productId}`,
    ...skus.map(({ id }) => `sku-${id}`),
  ]),
]
