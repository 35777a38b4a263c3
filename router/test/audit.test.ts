import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
let port: number
let router: ChildProcess

beforeAll(async () => {
  port = await freePort()
  router = spawn('npm', ['run', 'router'], {
    cwd: root,
    // In a group of its own: npm does not always pass on what it is told.
    detached: true,
    stdio: 'ignore',
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      SUPERGRAPH: 'supergraph.graphql',
      PORT: String(port),
    },
  })
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
    timeout: 30_000,
    interval: 100,
  })
}, 30_000)

afterAll(async () => {
  if (router.pid === undefined) return
  const exited = once(router, 'exit')
  process.kill(-router.pid, 'SIGTERM')
  await exited
})

const audits = serverAudits({
  url: () => `http://127.0.0.1:${port}/graphql`,
  // As any client of ours has to: what a foreign page could send is refused.
  fetchFn: (url: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    headers.set('apollo-require-preflight', 'true')
    return fetch(url, { ...init, headers })
  },
})

it('knows all audits of GraphQL over HTTP', () => {
  expect(audits).toHaveLength(61)
})

it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
  expect(await audit.fn()).toMatchObject({ status: 'ok' })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return address.port
}
