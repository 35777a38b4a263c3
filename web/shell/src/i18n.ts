import { locales } from '@mall/web-graph'
import type { Locale, MessageTree } from '@mall/web-graph'
import { messages as ui } from '@mall/web-ui'
import { useLocalStorage } from '@vueuse/core'
import { watch } from 'vue'
import { createI18n } from 'vue-i18n'
import { apps } from './apps.ts'
import { en } from './messages/en.ts'
import { zhCN } from './messages/zh-CN.ts'

const chosen = useLocalStorage<Locale>('mall.locale', preferred())

export const i18n = createI18n({
  legacy: false,
  locale: chosen.value,
  fallbackLocale: 'en',
  messages: { 'zh-CN': { shell: zhCN, ...gathered('zh-CN') }, en: { shell: en, ...gathered('en') } },
})

/** The language of the page, remembered. */
export function useLocale() {
  return { locale: chosen, locales }
}

watch(
  chosen,
  (locale) => {
    i18n.global.locale.value = locale
    document.documentElement.lang = locale
  },
  { immediate: true },
)

function gathered(locale: Locale): MessageTree {
  const parts = [ui[locale], ...apps.map(({ messages }) => messages[locale])]
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)))
}

function preferred(): Locale {
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en'
}
