import { problemOf } from '@mall/web-graph'
import { computed } from 'vue'
import { useProductShelfQuery } from '../generated/composables.ts'
import type { ProductSort } from '../generated/documents.ts'

/** A few products in an order: what sells best, what is new. */
export function useShelf(sort: ProductSort, first: number) {
  const { result, loading, error, refetch } = useProductShelfQuery({ search: { sort }, first })
  const products = computed(() => result.value?.shelf.edges.map(({ node }) => node) ?? [])
  return {
    products,
    loading: computed(() => loading.value && products.value.length === 0),
    problem: computed(() => (error.value && products.value.length === 0 ? problemOf(error.value) : null)),
    retry: () => void refetch(),
  }
}
