import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startLibrary } from '../../src/partners/testing/start-library.ts'
import { rateLimitsSchema } from '../../src/rate-limits/config.ts'
import { startTestGraph } from '../../src/testing/start-test-graph.ts'
import { query } from './ask.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Three times ten people, or books. */
const rateLimits = rateLimitsSchema.parse({ queries: { address: 30, user: 1_000 } })
const people = '{ people { id } }'

type Headers = Record<string, string>
/** Asks by one of the ways, with what a proxy says of its client; the code that it is refused with, if it is. */
type Ask = (headers: Headers) => Promise<string | undefined>

async function startAsking(way: string, trustedProxies: string[]): Promise<Ask> {
  const file = { trustedProxies, rateLimits }
  if (way === 'a partner’s route') {
    const library = await startLibrary({ keys: [], file })
    closing.push(() => library.close())
    return async (headers) => {
      const { body } = await library.ask('/v1/books', { headers })
      return body.code as string | undefined
    }
  }
  const { router, close } = await startTestGraph({ file })
  closing.push(close)
  if (way === 'a socket') return (headers) => overSocket(router.url, headers)
  const accept = way === 'an event stream' ? 'text/event-stream' : 'application/json'
  return async (headers) => (await query(router.url, people, {}, { accept, ...headers })).code
}

async function overSocket(url: string, headers: Headers): Promise<string | undefined> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers })
  try {
    await once(socket, 'open')
    socket.send('{"type":"connection_init"}')
    await once(socket, 'message')
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query: people } }))
    const [data] = (await once(socket, 'message')) as [Buffer]
    const { payload } = JSON.parse(data.toString()) as { payload: { extensions: { code: string } }[] }
    return payload[0]?.extensions.code
  } finally {
    socket.terminate()
  }
}

const from = (addresses: string): Headers => ({ 'x-forwarded-for': addresses })
const times = async (count: number, ask: () => Promise<string | undefined>) => {
  const codes: unknown[] = []
  for (let index = 0; index < count; index += 1) codes.push(await ask())
  return codes
}

describe.each(['HTTP', 'an event stream', 'a socket', 'a partner’s route'])('by %s', (way) => {
  it('each client of a trusted proxy has its own rate, whatever it says of itself', async () => {
    const ask = await startAsking(way, ['127.0.0.1', '10.0.0.0/8'])
    const allowed = [undefined, undefined, undefined]
    const refused = 'RATE_LIMITED'
    expect(await times(4, () => ask(from('203.0.113.1')))).toEqual([...allowed, refused])
    expect(await ask(from('198.51.100.7, 203.0.113.1'))).toBe(refused)
    expect(await ask(from('203.0.113.1, 10.1.2.3'))).toBe(refused)
    // Another is not kept out by it, and has a /64 to itself.
    let host = 0
    expect(await times(4, () => ask(from(`2001:db8::${++host}`)))).toEqual([...allowed, refused])
    expect(await ask(from('2001:db8:0:1::1'))).toBeUndefined()
    // Nor is the proxy itself.
    expect(await ask({})).toBeUndefined()
  })

  it('nobody else is believed', async () => {
    const ask = await startAsking(way, ['10.0.0.0/8'])
    let host = 0
    const codes = await times(4, () => ask(from(`203.0.113.${++host}`)))
    expect(codes).toEqual([undefined, undefined, undefined, 'RATE_LIMITED'])
  })
})
