import { bus } from '@mall/web-graph'
import { useToast } from '@mall/web-ui'
import { onScopeDispose, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useCartStore } from './cart-store.ts'

/** Lets every page put things into the cart and know its size, through the bus alone. */
export function useCartOnBus(): void {
  const cart = useCartStore()
  const { show } = useToast()
  const { t } = useI18n()
  const tell = () => bus.emit({ type: 'cart/changed', payload: { units: cart.units } })

  const stopAdding = bus.on('cart/add', (line) => {
    cart.add(line)
    show(t('orders.cart.added'), { link: { label: t('orders.cart.open'), to: { name: 'cart' } } })
  })
  const stopAnswering = bus.on('cart/asked', tell)
  watch(() => cart.units, tell)
  onScopeDispose(() => {
    stopAdding()
    stopAnswering()
  })
}
