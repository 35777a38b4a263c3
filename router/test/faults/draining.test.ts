import { createClient } from 'graphql-ws'
import { afterEach, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startRouter } from '../../src/start.ts'
import { ask, startSickGraph } from './sick-graph.ts'
import { send } from './sick-server.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const isReady = (url: string) =>
  fetch(`${url}/readyz`).then(
    async (response) => (await response.text(), response.status === 200),
    () => false,
  )

it('a router that drains loses no request of a client that goes by /readyz', async () => {
  const graph = await startSickGraph({ file: { drain: 500, timeouts: { default: 5_000 } } })
  closing.push(() => graph.close())
  const leaving = await startRouter(graph.options)
  const urls = [graph.router.url, leaving.url]
  graph.goods.behave(async (response, wellAnswer) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 50))
    send(response, await wellAnswer())
  })

  let isStopped = false
  let ready = urls
  const balancer = (async () => {
    while (!isStopped) {
      const states = await Promise.all(urls.map(isReady))
      ready = urls.filter((_, index) => states[index])
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  const failures: unknown[] = []
  let count = 0
  const clients = Array.from({ length: 10 }, async () => {
    while (!isStopped) {
      const url = ready[count++ % ready.length] ?? ''
      await ask(url, '{ items { name count } }').then(
        ({ status, errors }) => (status === 200 && errors.length === 0) || failures.push({ status, errors }),
        (error: unknown) => failures.push(error),
      )
    }
  })
  await new Promise((resolve) => setTimeout(resolve, 300))
  const closed = leaving.close()
  await vi.waitFor(() => expect(ready).toEqual([graph.router.url]), { timeout: 400, interval: 10 })
  await closed
  await new Promise((resolve) => setTimeout(resolve, 200))
  isStopped = true
  await Promise.all([...clients, balancer])
  expect(failures).toEqual([])
  expect(count).toBeGreaterThan(100)
  await expect(fetch(leaving.url)).rejects.toThrow()
}, 20_000)

it('a router that closes finishes what is under way, tells connections to close, and sockets 1001', async () => {
  const graph = await startSickGraph({ file: { timeouts: { default: 5_000 } } })
  closing.push(() => graph.close())
  const leaving = await startRouter(graph.options)
  let answer: () => void = () => undefined
  graph.first.behave((response, wellAnswer) => {
    answer = () => void wellAnswer().then((text) => send(response, text))
  })
  const closes: unknown[] = []
  const client = createClient({
    url: `${leaving.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    on: { closed: (event) => void closes.push(event) },
  })
  closing.push(async () => client.dispose())
  const asked = fetch(`${leaving.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ total }"}',
  })
  await vi.waitFor(() => expect(graph.first.open).toBe(1))
  await new Promise((resolve) => setTimeout(resolve, 50))
  const closed = leaving.close()
  await vi.waitFor(() => expect(closes).toMatchObject([{ code: 1001 }]))
  expect(await isReady(leaving.url)).toBe(false)
  answer()
  const response = await asked
  expect([response.status, response.headers.get('connection')]).toEqual([200, 'close'])
  expect(await response.json()).toEqual({ data: { total: 7 } })
  await closed
})
