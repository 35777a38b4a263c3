import { installGraph, useSession } from '@mall/web-graph'
import '@mall/web-ui/styles.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './i18n.ts'
import { createShellRouter } from './router.ts'

const app = createApp(App)
app.use(createPinia()).use(i18n)
installGraph(app)
const { restore, signedIn } = app.runWithContext(useSession)
app.use(createShellRouter({ restored: restore, isSignedIn: () => signedIn.value }))
app.mount('#app')
