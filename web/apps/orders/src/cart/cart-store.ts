import { useStorage } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed } from 'vue'
import { addUnits, countUnits, parseLines, setUnits, subtractLines } from './cart-lines.ts'
import type { CartLine } from './cart-lines.ts'

/** The cart, kept in this browser: it survives reloads and signing in, and is the same in all tabs. */
export const useCartStore = defineStore('cart', () => {
  const lines = useStorage<CartLine[]>('mall.cart', [], localStorage, {
    serializer: { read: parseLines, write: JSON.stringify },
  })
  return {
    lines,
    units: computed(() => countUnits(lines.value)),
    add: (line: CartLine) => void (lines.value = addUnits(lines.value, line)),
    setQuantity: (skuId: string, quantity: number) =>
      void (lines.value = setUnits(lines.value, skuId, quantity)),
    remove: (skuId: string) => void (lines.value = lines.value.filter((line) => line.skuId !== skuId)),
    /** Leaves what came after these were sent. */
    takeOut: (ordered: readonly CartLine[]) => void (lines.value = subtractLines(lines.value, ordered)),
  }
})
