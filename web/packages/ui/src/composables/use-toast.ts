import { shallowReadonly, shallowRef } from 'vue'
import type { RouteLocationRaw } from 'vue-router'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: 'plain' | 'danger'
  readonly link?: { readonly label: string; readonly to: RouteLocationRaw }
}

/** How long a toast stays, in ms. What must not be missed belongs on the page, not into a toast. */
const STAYS = 5_000

const toasts = shallowRef<readonly Toast[]>([])
let lastId = 0

/** Short notes at the edge of the page, read out by screen readers. */
export function useToast() {
  const dismiss = (id: number) => {
    toasts.value = toasts.value.filter((toast) => toast.id !== id)
  }
  const show = (text: string, more: { tone?: Toast['tone']; link?: Toast['link'] } = {}) => {
    const id = ++lastId
    toasts.value = [...toasts.value.slice(-2), { id, text, tone: more.tone ?? 'plain', link: more.link }]
    setTimeout(() => dismiss(id), STAYS)
  }
  return { toasts: shallowReadonly(toasts), show, dismiss }
}
