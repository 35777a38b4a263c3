import type { MallApp } from '@mall/web-graph'
import CategoryBar from './components/CategoryBar.vue'
import { en } from './messages/en.ts'
import { zhCN } from './messages/zh-CN.ts'

/** Route names others may link to: home, search (query: see search/search-filters.ts), product (param `slug`, query `sku`). */
export const routes: MallApp['routes'] = [
  { path: '/', name: 'home', component: () => import('./pages/HomePage.vue') },
  {
    path: '/search',
    name: 'search',
    component: () => import('./pages/SearchPage.vue'),
    meta: { title: 'products.search.title' },
  },
  { path: '/products/:slug', name: 'product', component: () => import('./pages/ProductPage.vue') },
]

export const messages: MallApp['messages'] = { 'zh-CN': { products: zhCN }, en: { products: en } }

export const navigation = CategoryBar
