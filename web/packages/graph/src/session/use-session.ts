import { computed, inject } from 'vue'
import type { InjectionKey } from 'vue'
import type { SessionStore } from './session-store.ts'

export const sessionKey: InjectionKey<SessionStore> = Symbol('mall session')

/** Who is signed in, and signing in and out. */
export function useSession() {
  const store = inject(sessionKey)
  if (!store) throw new Error('No session was provided: call installGraph(app) first.')
  const user = computed(() => store.session.value?.user ?? null)
  return {
    user,
    signedIn: computed(() => user.value !== null),
    restoring: store.restoring,
    restore: store.restore,
    logIn: store.logIn,
    register: store.register,
    logOut: store.logOut,
  }
}
