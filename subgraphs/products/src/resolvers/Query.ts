import { forbidCaching } from '@mall/service/cache-control'
import { badUserInput } from '@mall/service/errors'
import type { QueryResolvers } from '../generated/graphql.ts'
import { searchProducts } from '../search/page.ts'

export const Query: QueryResolvers = {
  product: (_parent, { id, slug }, { loaders, catalogue }) => {
    if (id) return loaders.product.load(id)
    if (slug) return catalogue.productBySlug(slug)
    throw badUserInput('Give an id or a slug.')
  },
  products: (_parent, args, context) => {
    // What is in stock changes with every order, so nobody is given another's answer.
    if (args.search?.inStock) forbidCaching(context)
    return searchProducts(args, context)
  },
  sku: (_parent, { id }, { loaders }) => loaders.sku.load(id),
  categories: async (_parent, _args, { loaders }) =>
    (await loaders.categories()).filter(({ parentId }) => parentId === null),
}
