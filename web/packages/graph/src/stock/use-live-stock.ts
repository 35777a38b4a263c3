import { useApolloClient } from '@vue/apollo-composable'
import { computed, toValue } from 'vue'
import type { MaybeRefOrGetter } from 'vue'
import { useStockChangedSubscription } from '../generated/composables.ts'
import { SkuStockFragmentDoc } from '../generated/documents.ts'

/**
 * Keeps the stock of these SKUs live in the cache, so that every query that shows them follows.
 * The subscription starts with the present state and does so again after a reconnect: nothing is missed.
 */
export function useLiveStock(skuIds: MaybeRefOrGetter<readonly string[]>): void {
  // A string compares by value: the subscription restarts only when the set of SKUs is another one.
  const joined = computed(() => [...new Set(toValue(skuIds))].sort().join(' '))
  const variables = computed(() => ({ skuIds: joined.value.split(' ') }))
  const options = computed(() => ({ enabled: joined.value !== '' }))
  const { resolveClient } = useApolloClient()
  const { onResult } = useStockChangedSubscription(variables, options)

  onResult(({ data }) => {
    if (!data) return
    const { sku, available, version } = data.stockChanged
    resolveClient().cache.writeFragment({
      id: `Sku:${sku.id}`,
      fragment: SkuStockFragmentDoc,
      data: { __typename: 'Sku', id: sku.id, stock: { __typename: 'Stock', available, version } },
    })
  })
}
