import { problemOf } from '@mall/web-graph'
import { computed } from 'vue'
import { useCategoryTreeQuery } from '../generated/composables.ts'

/** The category tree; `nameOf` finds any category in it by id. */
export function useCategories() {
  const { result, loading, error, refetch } = useCategoryTreeQuery()
  const categories = computed(() => result.value?.categories ?? [])
  const all = computed(
    () => new Map(categories.value.flatMap((top) => [top, ...top.children]).map((c) => [c.id, c])),
  )
  return {
    categories,
    loading: computed(() => loading.value && categories.value.length === 0),
    problem: computed(() => (error.value ? problemOf(error.value) : null)),
    retry: () => void refetch(),
    nameOf: (id: string) => all.value.get(id)?.name ?? null,
  }
}
