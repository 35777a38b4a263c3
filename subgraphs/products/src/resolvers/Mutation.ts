import type { Context } from '../context.ts'
import {
  idempotencyConflict,
  insufficientStock,
  invalidInput,
  notFound,
  refuseProduct,
  type NewProduct,
} from '../domain/product.ts'
import type { CreateProductInput, MutationResolvers } from '../generated/graphql.ts'
import { reviseProduct } from './revise-product.ts'
import { tellChanged } from './tell-changed.ts'

export const Mutation: MutationResolvers = {
  adjustStock: async (_parent, { skuId, delta, reason, warehouseId, idempotencyKey }, { desk, loaders }) => {
    if (delta === 0) return invalidInput('delta', 'Nothing would change.')
    if (Math.abs(delta) > 1_000_000) return invalidInput('delta', 'At most 1,000,000 units at once.')
    if (reason.trim() === '' || reason.length > 200)
      return invalidInput('reason', 'Say why in 1 to 200 characters.')
    if (idempotencyKey.trim() === '' || idempotencyKey.length > 200)
      return invalidInput('idempotencyKey', 'An idempotency key has 1 to 200 characters.')
    const moved = await desk.adjust({
      skuId,
      delta,
      reason,
      warehouseId: warehouseId ?? null,
      key: idempotencyKey,
    })
    switch (moved.status) {
      case 'unknown':
        return notFound('article')
      case 'conflict':
        return idempotencyConflict()
      case 'insufficient':
        return insufficientStock(skuId, -delta, moved.remaining)
      case 'done':
        return (await loaders.sku.load(skuId)) ?? notFound('article')
      default: {
        const unknown: never = moved
        throw new Error('Unknown outcome of a movement', { cause: unknown })
      }
    }
  },

  deductStock: (_parent, { skuId, quantity, traceId }, { desk }) => desk.deduct(skuId, quantity, traceId),

  createProduct: async (_parent, { input }, context) => {
    const product = productOf(input)
    const refusal = await refuseNew(product, context)
    if (refusal) return refusal
    const created = await context.catalogue.create(product)
    await tellChanged(created, context)
    return created
  },

  updateProduct: (_parent, { input }, context) => reviseProduct(input, context),
}

async function refuseNew(product: NewProduct, { catalogue, loaders }: Context) {
  const malformed = refuseProduct(product)
  if (malformed) return malformed
  if (!(await loaders.categories()).some(({ id }) => id === product.categoryId)) return notFound('category')
  if (await catalogue.isSlugTaken(product.slug)) return invalidInput('slug', 'Another product has this slug.')
  const taken = await catalogue.takenCodes(product.skus.map(({ code }) => code))
  const index = product.skus.findIndex(({ code }) => taken.includes(code))
  return index < 0 ? null : invalidInput(`skus.${index}.code`, 'Another article has this code.')
}

function productOf({ slug, name, description, categoryId, skus }: CreateProductInput): NewProduct {
  return {
    slug,
    name,
    description: description ?? '',
    categoryId,
    skus: skus.map(({ code, options, price, currency, initialStock }) => ({
      code,
      options: options.map((option) => ({ name: option.name, value: option.value })),
      price,
      currency: currency ?? 'CNY',
      initialStock: initialStock ?? 0,
    })),
  }
}
