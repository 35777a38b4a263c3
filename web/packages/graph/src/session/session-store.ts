import { readonly, shallowRef } from 'vue'
import type { Ref } from 'vue'
import type { AuthApi, LogInForm, RegisterForm } from './auth-api.ts'
import type { Peers } from './peers.ts'
import type { AuthProblem, AuthResult, Session } from './session-types.ts'

/** A token is renewed this long before it expires, in ms. */
const MARGIN = 30_000
/** When to refresh a token that is good for `left` ms: well before the margin, but not at once where it is short-lived. */
const timeToRefresh = (left: number) => Math.max(left - 2 * MARGIN, left / 2)
/** After a refresh that found no server, the next one comes after this, in ms. */
const RETRY_AFTER = 5_000

export interface SessionDeps {
  readonly api: AuthApi
  readonly peers: Peers
  /** Runs one at a time over all tabs (Web Locks). */
  readonly exclusively: <T>(run: () => Promise<T>) => Promise<T>
  /** Remembers over reloads whether somebody was signed in, so that visitors do not ask for a session in vain. */
  readonly remembered: { get(): boolean; set(signedIn: boolean): void }
  /** Epoch ms. */
  readonly now: () => number
}

export interface SessionStore {
  /** Null when nobody is signed in, or while `restoring`. */
  readonly session: Readonly<Ref<Session | null>>
  /** True from loading the page until it is known whether somebody is signed in. */
  readonly restoring: Readonly<Ref<boolean>>
  /** Brings back the session of the last visit, from another tab or with the cookie. Call once, at start. */
  restore(): Promise<void>
  /** A token that is still good for a while, or null for an anonymous visitor. */
  token(): Promise<string | null>
  /** For when the server refused a token: a newer one, or null when the session is over. */
  renew(refused: string): Promise<string | null>
  /** Null on success. */
  logIn(form: LogInForm): Promise<AuthProblem | null>
  /** Null on success. */
  register(form: RegisterForm): Promise<AuthProblem | null>
  logOut(everywhere?: boolean): Promise<void>
}

/**
 * Keeps one session for all tabs: whoever refreshes holds the lock, first asks the others whether they have a newer
 * token, and tells them afterwards. Using a refresh token twice would end the session everywhere.
 */
export function createSessionStore({ api, peers, exclusively, remembered, now }: SessionDeps): SessionStore {
  const session = shallowRef<Session | null>(null)
  const restoring = shallowRef(remembered.get())
  let restored: Promise<void> | null = null
  let refreshing: Promise<Session | null> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const isFresh = (candidate: Session | null): candidate is Session =>
    candidate !== null && candidate.expiresAt - now() > MARGIN

  function keep(next: Session | null): Session | null {
    session.value = next
    remembered.set(next !== null)
    clearTimeout(timer)
    if (next) schedule(timeToRefresh(next.expiresAt - now()))
    return next
  }

  function schedule(delay: number): void {
    clearTimeout(timer)
    timer = setTimeout(() => void refresh(), Math.max(delay, 1_000))
  }

  function refresh(): Promise<Session | null> {
    const before = session.value
    refreshing ??= exclusively(() => refreshAlone(before)).finally(() => {
      refreshing = null
    })
    return refreshing
  }

  /** @param before the session that is to be replaced, as it was before waiting for the lock. */
  async function refreshAlone(before: Session | null): Promise<Session | null> {
    const isNewer = (candidate: Session | null): candidate is Session =>
      isFresh(candidate) && candidate.accessToken !== before?.accessToken
    const others = isNewer(session.value) ? session.value : await peers.ask()
    // Another tab signed out meanwhile.
    if (before && !session.value) return null
    if (isNewer(session.value)) return session.value
    if (isNewer(others)) return keep(others)
    const result = await api.refresh()
    if ('session' in result) return announce(keep(result.session))
    if (result.problem.type === 'Unreachable') {
      schedule(RETRY_AFTER)
      return session.value
    }
    return announce(keep(null))
  }

  function announce(next: Session | null): Session | null {
    peers.tell(next)
    return next
  }

  function enter(result: AuthResult): AuthProblem | null {
    if ('problem' in result) return result.problem
    announce(keep(result.session))
    return null
  }

  async function restoreOnce(): Promise<void> {
    peers.listen({ answer: () => session.value, changed: (next) => void keep(next) })
    if (remembered.get()) await refresh()
    restoring.value = false
  }

  return {
    session: readonly(session),
    restoring: readonly(restoring),
    restore: () => (restored ??= restoreOnce()),
    async token() {
      await restored
      if (!session.value || isFresh(session.value)) return session.value?.accessToken ?? null
      return (await refresh())?.accessToken ?? null
    },
    async renew(refused) {
      if (session.value && session.value.accessToken !== refused) return session.value.accessToken
      return (await refresh())?.accessToken ?? null
    },
    logIn: async (form) => enter(await api.logIn(form)),
    register: async (form) => enter(await api.register(form)),
    async logOut(everywhere = false) {
      const token = session.value?.accessToken ?? null
      await exclusively(() => api.logOut(token, everywhere))
      announce(keep(null))
    },
  }
}
