import type { Context } from '../context.ts'
import { invalidInput, notFound, type ProductChanges } from '../domain/product.ts'
import type { UpdateProductInput } from '../generated/graphql.ts'
import { tellChanged } from './tell-changed.ts'

/** Applies what staff changed of a product, or says what cannot be. */
export async function reviseProduct(input: UpdateProductInput, context: Context) {
  const { catalogue, loaders } = context
  const product = await loaders.product.load(input.id)
  if (!product) return notFound('product')
  if (input.name != null && (input.name.trim() === '' || input.name.length > 200))
    return invalidInput('name', 'A name has 1 to 200 characters.')
  if (input.slug != null && input.slug !== product.slug) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(input.slug))
      return invalidInput('slug', 'Use lower-case letters, digits and single dashes.')
    if (await catalogue.isSlugTaken(input.slug)) return invalidInput('slug', 'Another product has this slug.')
  }
  if (input.categoryId != null && !(await loaders.categories()).some(({ id }) => id === input.categoryId))
    return notFound('category')
  const negative = input.skus?.findIndex(({ price }) => price != null && price < 0) ?? -1
  if (negative >= 0) return invalidInput(`skus.${negative}.price`, 'A price is not negative.')
  const updated = await catalogue.update(changesOf(input))
  if (!updated) return invalidInput('skus', 'A variant is not of this product.')
  await tellChanged(updated, context)
  return updated
}

function changesOf({ id, slug, name, description, categoryId, skus }: UpdateProductInput): ProductChanges {
  return {
    id,
    fields: {
      ...(slug == null ? {} : { slug }),
      ...(name == null ? {} : { name }),
      ...(description == null ? {} : { description }),
      ...(categoryId == null ? {} : { categoryId }),
    },
    skus: (skus ?? []).map((sku) => ({
      id: sku.id,
      ...(sku.price == null ? {} : { price: sku.price }),
      ...(sku.archived == null ? {} : { archived: sku.archived }),
    })),
  }
}
