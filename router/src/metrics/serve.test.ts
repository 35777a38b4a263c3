import { createLogger } from '@mall/service/logger'
import { expect, it } from 'vitest'
import { serveMetrics } from './serve.ts'

const logger = createLogger({ name: 'test', level: 'silent' })
const exposition = { contentType: 'text/plain', text: () => Promise.resolve('up 1\n') }

it('metrics are served until they are closed, and not where something is served already', async () => {
  const { url, close } = await serveMetrics(exposition, { host: '127.0.0.1', port: 0 }, logger)
  expect(await (await fetch(url)).text()).toBe('up 1\n')
  const port = Number(new URL(url).port)
  await expect(serveMetrics(exposition, { host: '127.0.0.1', port }, logger)).rejects.toThrow('EADDRINUSE')
  await close()
  await expect(fetch(url)).rejects.toThrow('fetch failed')
})
