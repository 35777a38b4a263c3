import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { expect, it, vi } from 'vitest'
import { echo, numbers, openTo as open, sockets } from '../testing/open-connections.ts'

const openTo = (server: Server) => open(server, { pipelining: 8 })
/** As many as are under way where requests are written together: three connections of eight. */
const MANY = 24
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Calls with what came in one piece: the bodies, and how to answer the first of them. */
const listen = (onPiece: (bodies: string[], socket: Socket) => void) =>
  createTcpServer((socket) => {
    socket.on('data', (data) => onPiece(data.toString().match(/(?<=\r\n\r\n)[^P]*/g) ?? [], socket))
  })
const answerTo = (body = '', headers = '') =>
  `HTTP/1.1 200 OK\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

it('writes together what begins together where much is under way, and gives everybody their own answer', async () => {
  const { server } = echo()
  const ask = await openTo(server)
  for (let round = 0; round < 3; round += 1) {
    const bodies = numbers(MANY)
    expect(await Promise.all(bodies.map((body) => ask(body).answer))).toEqual(bodies)
    expect(sockets.size).toBe(3)
  }
})

it('gives each a connection where few begin at once', async () => {
  const { server } = echo()
  const ask = await openTo(server)
  await Promise.all(numbers(3).map((body) => ask(body).answer))
  expect(sockets.size).toBe(3)
})

it('writes no mutation together with anything', async () => {
  const pieces: string[][] = []
  const ask = await openTo(
    listen((bodies, socket) => {
      pieces.push(bodies)
      for (const body of bodies) socket.write(answerTo(body))
    }),
  )
  const all = numbers(MANY).map((body) => [body, `mutation ${body}`])
  expect(await Promise.all(all.flat().map((body) => ask(body, body.startsWith('m')).answer))).toEqual(
    all.flat(),
  )
  const changing = pieces.filter((bodies) => bodies.some((body) => body.startsWith('mutation')))
  expect(changing).toHaveLength(MANY)
  expect(new Set(changing.map(({ length }) => length))).toEqual(new Set([1]))
})

it('lets nobody wait long behind another, and writes nothing together for a while then', async () => {
  const { server, asked } = echo()
  const ask = await openTo(server)
  const answered: string[] = []
  const bodies = ['slow', ...numbers(MANY - 1)]
  await Promise.all(bodies.map((body) => ask(body).answer.then((answer) => answered.push(answer))))
  expect(answered.at(-1)).toBe('slow')
  expect(answered.toSorted()).toEqual(bodies.toSorted())
  // Those behind the slow one were asked twice, nobody else.
  expect(asked).toHaveLength(MANY + 7)
  expect(asked.filter((line) => line.endsWith('slow'))).toHaveLength(1)

  const again = numbers(MANY)
  expect(await Promise.all(again.map((body) => ask(body).answer))).toEqual(again)
  expect(sockets.size).toBe(20)
})

it('asks again, each alone, what a connection was closed on that had answered another', async () => {
  const sizes: number[] = []
  const ask = await openTo(
    listen((bodies, socket) => {
      sizes.push(bodies.length)
      socket.end(answerTo(bodies[0], 'connection: close\r\n'))
    }),
  )
  const bodies = numbers(MANY)
  expect(await Promise.all(bodies.map((body) => ask(body).answer))).toEqual(bodies)
  expect(sizes.toSorted((a, b) => b - a)).toEqual([8, 8, 8, ...Array.from({ length: MANY - 3 }, () => 1)])
})

it('fails who was first on a connection that is lost, and asks the others again', async () => {
  const ask = await openTo(
    listen((bodies, socket) => {
      if (bodies.length > 1) socket.resetAndDestroy()
      else socket.write(answerTo(bodies[0]))
    }),
  )
  const outcomes = await Promise.allSettled(numbers(MANY).map((body) => ask(body).answer))
  const failed = outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))
  expect(failed).toEqual([0, 8, 16])
})

it('fails who is asked again and lost again', async () => {
  const ask = await openTo(listen((_bodies, socket) => socket.resetAndDestroy()))
  const outcomes = await Promise.allSettled(numbers(MANY).map((body) => ask(body).answer))
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']))
})

it('closes a connection when the last of those on it has left, and disturbs nobody before', async () => {
  const { server } = echo()
  const ask = await openTo(server)
  const all = numbers(MANY).map((body, index) => ask(index === 7 ? `slow ${body}` : `never ${body}`))
  await pause(5)
  for (const { cancel } of all.slice(0, 7)) cancel()
  expect(await all[7]?.answer).toMatch(/^slow/)
  expect(sockets.size).toBeGreaterThan(2)
  for (const { cancel } of all) cancel()
  // The one that answered may be used again, and one that was begun to ask again.
  await vi.waitFor(() => expect(sockets.size).toBeLessThanOrEqual(2))
})

it('closes the connection of the last who leaves, though others on it were answered elsewhere', async () => {
  const { server, abandoned } = echo()
  const ask = await openTo(server)
  const first = ask('never')
  await Promise.all(numbers(MANY - 1).map((body) => ask(body).answer))
  expect(abandoned).toEqual([])
  first.cancel()
  await vi.waitFor(() => expect(abandoned).toContain('never'))
})

it('fails all that is under way, and all that comes later, when it is closed', async () => {
  const { server } = echo()
  const ask = await openTo(server)
  const waiting = numbers(MANY).map((body) => ask(`never ${body}`))
  await pause(5)
  const queued = numbers(MANY).map((body) => ask(body))
  ask.close()
  const outcomes = await Promise.allSettled([...waiting, ...queued, ask('late')].map(({ answer }) => answer))
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['rejected']))
  await vi.waitFor(() => expect(sockets.size).toBe(0))
})
