import type { MallApp } from '@mall/web-graph'
import { useCartOnBus } from './cart/use-cart-on-bus.ts'
import { en } from './messages/en.ts'
import { zhCN } from './messages/zh-CN.ts'

/** Route names others may link to: cart, checkout, orders, order (param `id`). */
export const routes: MallApp['routes'] = [
  {
    path: '/cart',
    name: 'cart',
    component: () => import('./pages/CartPage.vue'),
    meta: { title: 'orders.cart.title' },
  },
  {
    path: '/checkout',
    name: 'checkout',
    component: () => import('./pages/CheckoutPage.vue'),
    meta: { title: 'orders.checkout.title', signedIn: true },
  },
  {
    path: '/orders',
    name: 'orders',
    component: () => import('./pages/OrdersPage.vue'),
    meta: { title: 'orders.list.title', signedIn: true },
  },
  {
    path: '/orders/:id',
    name: 'order',
    component: () => import('./pages/OrderPage.vue'),
    meta: { title: 'orders.order.title', signedIn: true },
  },
]

export const messages: MallApp['messages'] = { 'zh-CN': { orders: zhCN }, en: { orders: en } }

export const setup = useCartOnBus
