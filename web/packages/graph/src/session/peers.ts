import type { Session } from './session-types.ts'

/** What tabs of the same shop tell each other. */
type Message =
  | { readonly type: 'ask' }
  | { readonly type: 'answer'; readonly session: Session }
  | { readonly type: 'session'; readonly session: Session }
  | { readonly type: 'signed-out' }

/** The other tabs of this browser. */
export interface Peers {
  /** The freshest session that another tab holds, or null when none answers in time. */
  ask(): Promise<Session | null>
  tell(session: Session | null): void
  /** `answer` says what to reply to a tab that asks; `changed` hears of what another tab did. */
  listen(handlers: { answer: () => Session | null; changed: (session: Session | null) => void }): void
}

/** Where messages go: a BroadcastChannel, or in tests a pair of ends. */
export interface Channel {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
}

/** @param patience ms to wait for an answer; a tab in the background answers in a few. */
export function createPeers(channel: Channel, patience = 120): Peers {
  let waiting: ((session: Session) => void) | null = null
  return {
    tell: (session) => channel.postMessage(session ? { type: 'session', session } : { type: 'signed-out' }),
    ask: () =>
      new Promise((resolve) => {
        const settle = (session: Session | null) => {
          waiting = null
          clearTimeout(timer)
          resolve(session)
        }
        const timer = setTimeout(() => settle(null), patience)
        waiting = settle
        channel.postMessage({ type: 'ask' })
      }),
    listen: ({ answer, changed }) => {
      channel.addEventListener('message', ({ data }) => {
        if (!isMessage(data)) return
        if (data.type === 'ask') {
          const session = answer()
          if (session) channel.postMessage({ type: 'answer', session })
          return
        }
        // An answer is for who asked: to the others it may be older than what they have.
        if (data.type === 'answer') return waiting?.(data.session)
        changed(data.type === 'session' ? data.session : null)
      })
    },
  }
}

/** Only tabs of this origin can write to the channel, though an older version of the shop may be among them. */
function isMessage(data: unknown): data is Message {
  return typeof data === 'object' && data !== null && 'type' in data && typeof data.type === 'string'
}
