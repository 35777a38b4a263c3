import { afterEach, expect, it } from 'vitest'
import { concurrencySchema } from '../pipeline/gate.ts'
import { rateLimitsSchema } from '../rate-limits/config.ts'
import { startLibrary } from './testing/start-library.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function start(file: NonNullable<Parameters<typeof startLibrary>[0]['file']>) {
  const keys = ['one', 'two'].map((name) => ({ name, key: `key_${name}` }))
  const library = await startLibrary({ keys, file })
  closing.push(() => library.close())
  return library
}

it('what the router has no room for is a problem with 503 and a time, and served when there is room', async () => {
  const library = await start({ concurrency: concurrencySchema.parse({ running: 1, waiting: 0 }) })
  const slow = library.ask('/v1/slow')
  await expect.poll(async () => (await library.ask('/v1/books/1')).status).toBe(503)
  const shed = await library.ask('/v1/books/1')
  expect([shed.status, shed.type, shed.headers.get('retry-after')]).toEqual([
    503,
    'application/problem+json',
    '1',
  ])
  expect(shed.body).toEqual({
    type: 'about:blank',
    title: 'Service Unavailable',
    status: 503,
    detail: 'Too much is being asked at the moment. Try again.',
    code: 'OVERLOADED',
  })
  expect((await slow).status).toBe(504)
  expect((await library.ask('/v1/books/1')).status).toBe(200)
})

it('who has asked too much is told so by a problem with 429 and the time to wait, and others go on', async () => {
  const window = 60_000
  const library = await start({
    rateLimits: rateLimitsSchema.parse({ window, queries: { address: 1_000, user: 20 } }),
  })
  const ask = (name: string) => library.ask('/v1/books', { key: `key_${name}` })
  expect([(await ask('one')).status, (await ask('one')).status]).toEqual([200, 200])
  const refused = await ask('one')
  const seconds = Number(refused.headers.get('retry-after'))
  expect([refused.status, refused.type]).toEqual([429, 'application/problem+json'])
  expect(refused.body).toEqual({
    type: 'about:blank',
    title: 'Too Many Requests',
    status: 429,
    detail: `Too much was asked in a while. Try again in ${seconds} s.`,
    code: 'RATE_LIMITED',
  })
  expect(seconds).toBeGreaterThan(1)
  expect(seconds).toBeLessThanOrEqual((2 * window) / 1_000)
  expect((await ask('two')).status).toBe(200)
})
