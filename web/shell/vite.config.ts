import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import type { CommonServerOptions } from 'vite'

/** What the router answers: with this the browser sees one origin, so cookies and sockets need no exceptions. */
const router = { target: env.ROUTER_URL ?? 'http://localhost:4000', changeOrigin: true, xfwd: true }
const server: CommonServerOptions = {
  port: Number(env.WEB_PORT ?? 3000),
  host: env.WEB_HOST ?? '127.0.0.1',
  strictPort: true,
  proxy: {
    '/graphql': { ...router, ws: true },
    '/auth': router,
    '/media': router,
    '/.well-known': router,
    '/payments': router,
  },
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [vue()],
  server,
  preview: server,
  build: {
    // light-dark(), nesting and media ranges as they are written.
    cssTarget: ['chrome123', 'safari17.5', 'firefox120'],
  },
  resolve: { dedupe: ['vue', '@apollo/client', 'graphql'] },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
})
