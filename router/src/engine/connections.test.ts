import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { createServer as createTlsServer, type ConnectionOptions, type TlsOptions } from 'node:tls'
import { expect, it, vi } from 'vitest'
import { echo, numbers, openTo, parrot, sockets } from '../testing/open-connections.ts'
import { NotConnected } from './connections.ts'

it('gives everybody their own answer, over no more connections than it may, and uses them again', async () => {
  const { server, asked } = echo()
  const ask = await openTo(server)
  for (const count of [1, 15, 200]) {
    const bodies = numbers(count)
    expect(await Promise.all(bodies.map((body) => ask(body).answer))).toEqual(bodies)
    expect(sockets.size).toBe(Math.min(count, 20))
  }
  expect(asked[0]).toBe('POST /graphql?a=b b 0 é')
})

it('lets the subgraph know that nobody waits, and disturbs nobody who does', async () => {
  const { server, asked } = echo()
  const ask = await openTo(server)
  const all = numbers(20).map((body) => ask(`never ${body}`))
  await vi.waitFor(() => expect(asked).toHaveLength(20))
  const waiting = ask('waiting')
  const left = ask('left')
  left.cancel()
  all[0]?.cancel()
  await expect(all[0]?.answer).rejects.toThrow('gone')
  await expect(left.answer).rejects.toThrow('gone')
  expect(await waiting.answer).toBe('waiting')
  expect(asked.some((line) => line.endsWith('left'))).toBe(false)
  await vi.waitFor(() => expect(sockets.size).toBe(20))
})

it('keeps the connection of whoever leaves before it stands', async () => {
  const { server } = echo()
  const ask = await openTo(server)
  const left = ask('left')
  await new Promise(setImmediate)
  left.cancel()
  await vi.waitFor(() => expect(sockets.size).toBe(1))
  expect(await ask('1').answer).toBe('1')
  expect(sockets.size).toBe(1)
})

it('says whether the request can have arrived', async () => {
  const ask = await openTo(createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy())))
  await expect(ask('1').answer).rejects.toMatchObject({ code: 'ECONNRESET' })
  const { server } = echo()
  const closed = await openTo(server)
  server.close()
  await once(server, 'close')
  for (const { answer } of numbers(30).map((body) => closed(body)))
    await expect(answer).rejects.toBeInstanceOf(NotConnected)
})

it('closes a connection that is idle before the server does', async () => {
  const { server } = echo()
  server.keepAliveTimeout = 2_000
  const ask = await openTo(server)
  await ask('1').answer
  const startedAt = performance.now()
  await vi.waitFor(() => expect(sockets.size).toBe(0), { timeout: 3_000 })
  expect(performance.now() - startedAt).toBeLessThan(1_900)
  expect(await ask('2').answer).toBe('2')
})

it.each([
  ['says that it was the last', 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\n1'],
  ['is followed by what nobody asked for', `${'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1'.repeat(2)}`],
  ['is followed by a part of another', `HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1HTTP`],
])('uses a connection no more whose answer %s', async (_what, bytes) => {
  let connected = 0
  const server = parrot(bytes).on('connection', () => (connected += 1))
  const ask = await openTo(server)
  for (let index = 0; index < 3; index += 1) await ask('x').answer.catch(() => undefined)
  expect(connected).toBe(3)
})

it('uses a connection no more that was answered before all was sent', async () => {
  let connected = 0
  const refusal = 'HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno'
  const server = createTcpServer((socket) => {
    connected += 1
    socket.once('data', () => socket.pause().write(refusal))
  })
  const ask = await openTo(server)
  expect(await ask('x'.repeat(10_000_000)).answer).toBe('no')
  expect(await ask('x').answer).toBe('no')
  expect(connected).toBe(2)
})

it('fails where a body is cut off, and where an answer is none', async () => {
  const cut = await openTo(
    createTcpServer((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n1')),
    ),
  )
  await expect(cut('x').answer).rejects.toThrow('closed')
  const other = await openTo(parrot('SSH-2.0\r\n\r\n'))
  await expect(other('x').answer).rejects.toThrow('no answer of HTTP/1.1')
})

it('speaks TLS', async () => {
  // A key that both sides know stands in for a certificate.
  const psk = Buffer.from('a key of this test')
  const common: TlsOptions & ConnectionOptions = { ciphers: 'PSK', maxVersion: 'TLSv1.2' }
  const { listener } = echo()
  const http = createServer(listener)
  const server = createTlsServer({ ...common, pskCallback: () => psk }, (socket) =>
    http.emit('connection', socket),
  )
  const tls = {
    ...common,
    pskCallback: () => ({ psk, identity: 'router' }),
    checkServerIdentity: () => undefined,
  }
  const ask = await openTo(server, { tls })
  expect(await Promise.all(numbers(3).map((body) => ask(body).answer))).toEqual(numbers(3))
  expect(await ask('again').answer).toBe('again')
})

it('does not speak to a server that it does not trust', async () => {
  const psk = Buffer.from('a key of this test')
  const server = createTlsServer({ ciphers: 'PSK', maxVersion: 'TLSv1.2', pskCallback: () => psk })
  const ask = await openTo(server, { tls: {} })
  await expect(ask('x').answer).rejects.toBeInstanceOf(NotConnected)
})
