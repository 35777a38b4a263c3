import { problemOf } from '@mall/web-graph'
import { computed } from 'vue'
import { useAccountQuery } from '../generated/composables.ts'

/** The signed-in customer, as the graph knows them. */
export function useAccount() {
  const { result, loading, error, refetch } = useAccountQuery({ fetchPolicy: 'cache-and-network' })
  const me = computed(() => result.value?.me ?? null)
  return {
    me,
    loading: computed(() => loading.value && !me.value),
    problem: computed(() => (error.value && !me.value ? problemOf(error.value) : null)),
    retry: () => void refetch(),
  }
}
