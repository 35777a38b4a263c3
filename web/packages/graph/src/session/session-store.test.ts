import { beforeEach, describe, expect, it } from 'vitest'
import type { AuthApi } from './auth-api.ts'
import { createPeers } from './peers.ts'
import { createSessionStore } from './session-store.ts'
import type { AuthResult } from './session-types.ts'

const HOUR = 3_600_000
let now = 0
beforeEach(() => {
  now = 1_000_000
})

/** A server whose refresh token is good for one use, as ours: two at once would end the session. */
function createServer() {
  const server = { token: 0, refreshes: 0, busy: false, reachable: true, alive: true }
  const grant = (): AuthResult => ({
    session: {
      accessToken: `t${++server.token}`,
      expiresAt: now + HOUR,
      user: { id: 'u1', displayName: 'Lin' },
    },
  })
  const api: AuthApi = {
    logIn: async ({ password }) =>
      password === 'right' ? grant() : { problem: { type: 'WrongCredentialsError', message: 'Wrong.' } },
    register: async () => grant(),
    async refresh() {
      if (!server.reachable) return { problem: { type: 'Unreachable', message: '' } }
      if (server.busy) throw new Error('The refresh token was used twice.')
      server.busy = true
      await new Promise((resolve) => setTimeout(resolve, 5))
      server.busy = false
      server.refreshes++
      return server.alive ? grant() : { problem: { type: 'SessionExpiredError', message: '' } }
    },
    logOut: async () => void (server.alive = false),
  }
  return { server, api }
}

/** Tabs of one browser: they share the lock, the flag and a channel. */
function createBrowser(api: AuthApi) {
  const listeners: { tab: number; hear: (event: { data: unknown }) => void }[] = []
  let queue: Promise<unknown> = Promise.resolve()
  let flag = false
  let tabs = 0
  return {
    flag: (value: boolean) => void (flag = value),
    openTab() {
      const tab = ++tabs
      const channel = {
        postMessage: (data: unknown) =>
          queueMicrotask(() => listeners.forEach((other) => other.tab !== tab && other.hear({ data }))),
        addEventListener: (_: 'message', hear: (event: { data: unknown }) => void) =>
          void listeners.push({ tab, hear }),
      }
      return createSessionStore({
        api,
        peers: createPeers(channel, 20),
        exclusively: (run) => {
          const done = queue.then(run)
          queue = done.catch(() => undefined)
          return done
        },
        remembered: { get: () => flag, set: (signedIn) => void (flag = signedIn) },
        now: () => now,
      })
    },
  }
}

async function openTwoTabs() {
  const { server, api } = createServer()
  const browser = createBrowser(api)
  const [first, second] = [browser.openTab(), browser.openTab()]
  await Promise.all([first.restore(), second.restore()])
  return { server, browser, first, second }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 1))

describe('the session of several tabs', () => {
  it('asks for nothing when nobody was signed in', async () => {
    const { server, first } = await openTwoTabs()
    expect(await first.token()).toBeNull()
    expect(server.refreshes).toBe(0)
  })

  it('is known to the others as soon as one signs in', async () => {
    const { first, second } = await openTwoTabs()
    expect(await first.logIn({ login: 'a', password: 'wrong' })).toMatchObject({
      type: 'WrongCredentialsError',
    })
    expect(await first.logIn({ login: 'a', password: 'right' })).toBeNull()
    await settled()
    expect(await second.token()).toBe('t1')
  })

  it('is refreshed once when two tabs need it at the same time', async () => {
    const { server, first, second } = await openTwoTabs()
    await first.logIn({ login: 'a', password: 'right' })
    await settled()
    now += HOUR - 10_000
    expect(await Promise.all([first.token(), second.token(), first.token()])).toEqual(['t2', 't2', 't2'])
    expect(server.refreshes).toBe(1)
  })

  it('is taken from another tab by one that is opened later', async () => {
    const { server, browser, first } = await openTwoTabs()
    await first.logIn({ login: 'a', password: 'right' })
    const third = browser.openTab()
    await third.restore()
    expect(third.session.value?.accessToken).toBe('t1')
    expect(server.refreshes).toBe(0)
  })

  it('comes back by the cookie after a reload', async () => {
    const { server, api } = createServer()
    const browser = createBrowser(api)
    browser.flag(true)
    const tab = browser.openTab()
    expect(tab.restoring.value).toBe(true)
    await tab.restore()
    expect(await tab.token()).toBe('t1')
    expect([tab.restoring.value, server.refreshes]).toEqual([false, 1])
  })

  it('is renewed once when the server refuses the token of both', async () => {
    const { server, first, second } = await openTwoTabs()
    await first.logIn({ login: 'a', password: 'right' })
    await settled()
    expect(await Promise.all([first.renew('t1'), second.renew('t1')])).toEqual(['t2', 't2'])
    expect(server.refreshes).toBe(1)
  })

  it('ends in all tabs when one signs out', async () => {
    const { first, second } = await openTwoTabs()
    await first.logIn({ login: 'a', password: 'right' })
    await settled()
    await second.logOut()
    await settled()
    expect([await first.token(), await second.token()]).toEqual([null, null])
  })

  it('ends when the server says that it is over', async () => {
    const { server, first, second } = await openTwoTabs()
    await first.logIn({ login: 'a', password: 'right' })
    await settled()
    server.alive = false
    expect(await first.renew('t1')).toBeNull()
    await settled()
    expect(second.session.value).toBeNull()
  })

  it('is kept while the server cannot be reached', async () => {
    const { server, first } = await openTwoTabs()
    await first.logIn({ login: 'a', password: 'right' })
    server.reachable = false
    now += HOUR
    await first.token()
    expect(first.session.value?.user.id).toBe('u1')
  })
})
