import { createClient } from 'graphql-ws'
import type { Client } from 'graphql-ws'
import type { SessionStore } from '../session/session-store.ts'
import { reportSocket } from './connection.ts'

/** The router closes a socket with this code when its token has expired or its session was ended. */
const FORBIDDEN = 4403
const LONGEST_WAIT = 15_000
const PING_EVERY = 12_000
const PONG_WITHIN = 5_000

/** The socket of all subscriptions of a tab: opened with the first, closed after the last, and always coming back. */
export function createSocket(session: SessionStore): Client {
  let used: string | null = null
  let missingPong: ReturnType<typeof setTimeout> | undefined

  const socket = createClient({
    url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/graphql`,
    lazy: true,
    lazyCloseTimeout: 3_000,
    keepAlive: PING_EVERY,
    connectionParams: async () => {
      used = await session.token()
      return used ? { authorization: `Bearer ${used}` } : {}
    },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait,
    on: {
      connected: () => reportSocket('open'),
      ping: (received) => {
        // A network that vanished without a word leaves the socket open: an unanswered ping finds out.
        if (!received) missingPong = setTimeout(() => socket.terminate(), PONG_WITHIN)
      },
      pong: (received) => received && clearTimeout(missingPong),
      closed: (event) => {
        clearTimeout(missingPong)
        const code = event instanceof CloseEvent ? event.code : 0
        reportSocket(code === 1000 ? 'idle' : 'lost')
        if (code === FORBIDDEN && used) void session.renew(used)
      },
    },
  })
  return socket
}

/** Doubles from half a second, spread by half so that a router's return is not met by all clients at once. */
async function retryWait(retries: number): Promise<void> {
  const longest = Math.min(500 * 2 ** retries, LONGEST_WAIT)
  const delay = longest / 2 + Math.random() * (longest / 2)
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener('online', done)
      resolve()
    }
    const timer = setTimeout(done, delay)
    addEventListener('online', done)
  })
}
