import { problemOf } from '@mall/web-graph'
import { computed } from 'vue'
import { useOrderListQuery } from '../generated/composables.ts'

const PAGE = 10

/** The customer's orders, newest first. */
export function useOrders() {
  const { result, loading, error, fetchMore, refetch } = useOrderListQuery(
    { first: PAGE },
    { fetchPolicy: 'cache-and-network' },
  )
  const page = computed(() => result.value?.orders ?? null)
  const orders = computed(() => page.value?.edges.map(({ node }) => node) ?? [])
  return {
    orders,
    hasMore: computed(() => page.value?.pageInfo.hasNextPage ?? false),
    loading: computed(() => loading.value && !page.value),
    busy: computed(() => loading.value),
    problem: computed(() => (error.value && !page.value ? problemOf(error.value) : null)),
    retry: () => void refetch(),
    more: () => void fetchMore({ variables: { after: page.value?.pageInfo.endCursor } }),
  }
}
