import type { MallApp } from '@mall/web-graph'
import { en } from './messages/en.ts'
import { zhCN } from './messages/zh-CN.ts'

/** Route names others may link to: sign-in (query `next`: where to go after), register, account. */
export const routes: MallApp['routes'] = [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./pages/SignInPage.vue'),
    meta: { title: 'users.signIn.title' },
  },
  {
    path: '/register',
    name: 'register',
    component: () => import('./pages/RegisterPage.vue'),
    meta: { title: 'users.register.title' },
  },
  {
    path: '/account',
    name: 'account',
    component: () => import('./pages/AccountPage.vue'),
    meta: { title: 'users.account.title', signedIn: true },
  },
]

export const messages: MallApp['messages'] = { 'zh-CN': { users: zhCN }, en: { users: en } }
