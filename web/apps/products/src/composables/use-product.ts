import { problemOf, useLiveStock } from '@mall/web-graph'
import { computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { choiceOf, chooseValue, firstChoice } from '../choice/sku-choice.ts'
import { useProductDetailQuery } from '../generated/composables.ts'

/** The product of the address, the SKU that is chosen (`?sku=<code>`), and its stock as it changes. */
export function useProduct() {
  const route = useRoute()
  const router = useRouter()
  const slug = computed<string>((before) =>
    route.name === 'product' ? String(route.params.slug) : (before ?? ''),
  )
  const variables = computed(() => ({ slug: slug.value }))
  const { result, loading, error, refetch } = useProductDetailQuery(variables, {
    fetchPolicy: 'cache-and-network',
  })

  const product = computed(() => result.value?.product ?? null)
  const skus = computed(() => product.value?.skus.filter(({ archived }) => !archived) ?? [])
  useLiveStock(() => skus.value.map(({ id }) => id))

  const sku = computed(
    () => skus.value.find(({ code }) => code === route.query.sku) ?? firstChoice(skus.value),
  )
  const choice = computed(() => (sku.value ? choiceOf(sku.value) : {}))

  function choose(name: string, value: string) {
    const next = chooseValue(skus.value, choice.value, name, value)
    if (next) void router.replace({ query: { ...route.query, sku: next.code } })
  }

  return {
    product,
    skus,
    sku,
    choice,
    choose,
    loading: computed(() => loading.value && !product.value),
    problem: computed(() => (error.value && !product.value ? problemOf(error.value) : null)),
    retry: () => void refetch(),
  }
}
