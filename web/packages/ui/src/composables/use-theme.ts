import { useLocalStorage } from '@vueuse/core'
import { watchEffect } from 'vue'

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const theme = useLocalStorage<Theme>('mall.theme', 'system')

watchEffect(() => {
  if (theme.value === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme.value
})

/** The chosen theme, remembered; `system` follows the machine. */
export function useTheme() {
  const next = () => {
    theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system'
  }
  return { theme, next }
}
