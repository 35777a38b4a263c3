import { createAuthApi } from './auth-api.ts'
import { createPeers } from './peers.ts'
import { createSessionStore } from './session-store.ts'
import type { SessionStore } from './session-store.ts'

const REMEMBERED = 'mall.signed-in'

/** The session store on the browser's own means: cookie, BroadcastChannel, Web Locks, localStorage for one flag. */
export function createBrowserSession(): SessionStore {
  return createSessionStore({
    api: createAuthApi({ fetch: (...call) => fetch(...call), now: Date.now }),
    peers: createPeers(new BroadcastChannel('mall.session')),
    exclusively,
    remembered: {
      get: () => localStorage.getItem(REMEMBERED) === '1',
      set: (signedIn) =>
        signedIn ? localStorage.setItem(REMEMBERED, '1') : localStorage.removeItem(REMEMBERED),
    },
    now: Date.now,
  })
}

function exclusively<T>(run: () => Promise<T>): Promise<T> {
  // Web Locks exist in secure contexts only; over plain HTTP on a LAN tabs still ask each other first.
  return 'locks' in navigator ? navigator.locks.request('mall.session', run) : run()
}
