import { ApolloClient } from '@apollo/client/core'
import { DefaultApolloClient } from '@vue/apollo-composable'
import { watch } from 'vue'
import type { App } from 'vue'
import { createBrowserSession } from '../session/browser-session.ts'
import { sessionKey } from '../session/use-session.ts'
import { createCache } from './cache.ts'
import { createLinks } from './links.ts'
import { createSocket } from './socket.ts'

/** Gives an app the graph and the session. The session of the last visit is being restored when this returns. */
export function installGraph(app: App): void {
  const session = createBrowserSession()
  const socket = createSocket(session)
  const client = new ApolloClient({
    link: createLinks(session, socket),
    cache: createCache(),
    defaultOptions: { watchQuery: { errorPolicy: 'all' }, query: { errorPolicy: 'all' } },
  })
  void session.restore()
  watch(
    () => session.session.value?.user.id,
    (_, before) => {
      // Somebody else's view of the shop: what is cached and what is watched belongs to the one before.
      socket.terminate()
      if (before) void client.resetStore().catch(() => undefined)
      else void client.reFetchObservableQueries().catch(() => undefined)
    },
  )
  app.provide(DefaultApolloClient, client)
  app.provide(sessionKey, session)
}
