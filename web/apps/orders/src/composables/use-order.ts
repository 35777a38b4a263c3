import { problemOf } from '@mall/web-graph'
import { computed } from 'vue'
import { useRoute } from 'vue-router'
import {
  useCancelOrderMutation,
  useOrderChangedSubscription,
  useOrderDetailQuery,
} from '../generated/composables.ts'
import type { OrderStatus } from '../generated/documents.ts'

/** From these on, nothing more can be cancelled. */
const ended: readonly OrderStatus[] = ['SHIPPED', 'DELIVERED', 'CANCELLING', 'CANCELLED', 'REFUNDED']

/** The order of the address, followed live: the subscription writes into the cache that the query shows. */
export function useOrder() {
  const route = useRoute()
  const id = computed<string>((before) => (route.name === 'order' ? String(route.params.id) : (before ?? '')))
  const variables = computed(() => ({ id: id.value }))
  const { result, loading, error, refetch } = useOrderDetailQuery(variables, {
    fetchPolicy: 'cache-and-network',
  })
  const order = computed(() => result.value?.order ?? null)
  // Watched from when the query has answered: begun earlier, a slow answer could put an old state over a newer one.
  useOrderChangedSubscription(variables, () => ({ enabled: order.value !== null && !loading.value }))
  // For the same reason the answer is not kept: the subscription may have told of the end of it before.
  const { mutate, loading: cancelling } = useCancelOrderMutation({ fetchPolicy: 'no-cache' })

  /** @returns whether it is being cancelled now; it may have come too far meanwhile. */
  async function cancel(): Promise<boolean> {
    const answer = await mutate({ id: id.value, reason: null }).catch(() => null)
    return answer?.data?.cancelOrder.__typename === 'Order'
  }

  return {
    order,
    loading: computed(() => loading.value && !order.value),
    problem: computed(() => (error.value && !order.value ? problemOf(error.value) : null)),
    retry: () => void refetch(),
    cancellable: computed(() => order.value !== null && !ended.includes(order.value.status)),
    cancelling,
    cancel,
  }
}
