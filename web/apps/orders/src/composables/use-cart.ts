import { problemOf, useLiveStock } from '@mall/web-graph'
import type { Problem } from '@mall/web-graph'
import { useApolloClient } from '@vue/apollo-composable'
import { computed, onScopeDispose, shallowReactive, shallowRef, watch } from 'vue'
import { problemOfLine, totalOf } from '../cart/cart-contents.ts'
import type { CartEntry, CartSku } from '../cart/cart-contents.ts'
import { useCartStore } from '../cart/cart-store.ts'
import { CartSku as CartSkuDocument } from '../generated/documents.ts'

/** The cart with names, prices and live stock. One small query per SKU: the cache has most of them already. */
export function useCart() {
  const cart = useCartStore()
  const { resolveClient } = useApolloClient()
  const skus = shallowReactive(new Map<string, CartSku | null>())
  const watched = new Map<string, { unsubscribe(): void }>()
  const problem = shallowRef<Problem | null>(null)
  const ids = computed(() => cart.lines.map(({ skuId }) => skuId))
  useLiveStock(ids)

  function follow(id: string) {
    const query = resolveClient().watchQuery({
      query: CartSkuDocument,
      variables: { id },
      fetchPolicy: 'cache-and-network',
    })
    const hear = () =>
      query.subscribe(
        ({ data, errors, loading, partial }) => {
          if (errors?.length) problem.value = problemOf({ graphQLErrors: errors })
          if (data && !partial && (data.sku || !loading)) skus.set(id, data.sku)
        },
        (error) => {
          problem.value = problemOf({ networkError: error })
        },
      )
    watched.set(id, hear())
  }

  function retry() {
    problem.value = null
    watched.forEach((subscription) => subscription.unsubscribe())
    watched.clear()
    ids.value.forEach(follow)
  }

  watch(ids, (now) => now.filter((id) => !watched.has(id)).forEach(follow), { immediate: true })
  onScopeDispose(() => watched.forEach((subscription) => subscription.unsubscribe()))

  const entries = computed<CartEntry[]>(() =>
    cart.lines.map((line) => ({ ...line, sku: skus.get(line.skuId) })),
  )
  return {
    entries,
    total: computed(() => totalOf(entries.value)),
    loading: computed(() => !problem.value && entries.value.some(({ sku }) => sku === undefined)),
    problem: computed(() => (entries.value.some(({ sku }) => sku === undefined) ? problem.value : null)),
    /** Whether all of it can be ordered as it is. */
    orderable: computed(
      () => entries.value.length > 0 && entries.value.every((entry) => !problemOfLine(entry)),
    ),
    retry,
    setQuantity: cart.setQuantity,
    remove: cart.remove,
    takeOut: cart.takeOut,
  }
}
