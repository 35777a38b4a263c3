import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import type { Router } from 'vue-router'
import { apps } from './apps.ts'

/** What a guard must know of the session. */
interface Visitor {
  restored: () => Promise<void>
  isSignedIn: () => boolean
}

export function createShellRouter(visitor: Visitor): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      ...apps.flatMap(({ routes }) => routes),
      {
        path: '/:path(.*)*',
        name: 'not-found',
        component: () => import('./pages/NotFoundPage.vue'),
        meta: { title: 'shell.notFound.title' },
      },
    ],
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
  })

  router.beforeEach(async (to) => {
    if (!to.meta.signedIn) return
    await visitor.restored()
    if (!visitor.isSignedIn()) return { name: 'sign-in', query: { next: to.fullPath } }
  })

  router.afterEach((to, from) => {
    if (from.matched.length > 0 && to.path !== from.path) void nextTick(focusContent)
  })
  return router
}

/** Readers of the page by ear start at the new content, as after loading a page. */
function focusContent(): void {
  document.getElementById('content')?.focus({ preventScroll: true })
}
