import { problemOf } from '@mall/web-graph'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { useSearchProductsQuery } from '../generated/composables.ts'
import { parseFilters, parsePrice, toInput, toQuery } from '../search/search-filters.ts'
import type { SearchFilters } from '../search/search-filters.ts'

const PAGE = 24

/** The search that the address bar says; changing it changes the address, so that back, reload and sharing work. */
export function useProductSearch() {
  const route = useRoute()
  const router = useRouter()
  // While leaving the page the address is already another's.
  const filters = computed<SearchFilters>((before) =>
    route.name === 'search' || !before ? parseFilters(route.query) : before,
  )
  const variables = computed(() => ({ search: toInput(filters.value), first: PAGE }))
  const { result, loading, error, fetchMore, refetch } = useSearchProductsQuery(variables, {
    keepPreviousResult: true,
  })

  const found = computed(() => result.value?.products ?? null)
  const products = computed(() => found.value?.edges.map(({ node }) => node) ?? [])

  return {
    filters,
    products,
    facets: computed(() => found.value?.facets.map(sortBands) ?? []),
    total: computed(() => found.value?.totalCount ?? 0),
    hasMore: computed(() => found.value?.pageInfo.hasNextPage ?? false),
    /** Nothing to show yet. */
    loading: computed(() => loading.value && !found.value),
    /** What is shown is being replaced or added to. */
    busy: computed(() => loading.value),
    problem: computed(() => (error.value && !found.value ? problemOf(error.value) : null)),
    retry: () => void refetch(),
    more: () => void fetchMore({ variables: { after: found.value?.pageInfo.endCursor } }),
    narrow: (next: SearchFilters) => void router.push({ name: 'search', query: toQuery(next) }),
  }
}

/** Price bands are read from cheap to dear, other values from many to few, as the graph has them. */
function sortBands<T extends { name: string; values: { value: string }[] }>(facet: T): T {
  if (facet.name !== 'price') return facet
  const floor = ({ value }: { value: string }) => parsePrice(value)[0] ?? 0
  return { ...facet, values: facet.values.toSorted((a, b) => floor(a) - floor(b)) }
}
