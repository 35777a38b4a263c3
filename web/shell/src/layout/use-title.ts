import { watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'

/** The title of the window: of the route, in the language of the page. Pages about one thing set their own after it. */
export function useTitle(): void {
  const { t } = useI18n()
  const route = useRoute()
  watch([() => route.name, () => route.meta.title && t(route.meta.title)], ([, title]) => {
    document.title = title ? `${title} · Mall` : 'Mall'
  })
}
