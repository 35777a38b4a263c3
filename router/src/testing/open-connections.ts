import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { createConnections, type ConnectionsOptions } from '../engine/connections.ts'

/** The server's ends of connections that are open. */
export const sockets = new Set<Socket>()

/** Asks with a body for the answer's body. */
export interface Ask {
  (body: string, isMutation?: boolean): { answer: Promise<string>; cancel(): void }
  /** Closes the connections. */
  close(): void
}

/** Connections to a server, both closed after the test. */
export async function openTo(server: Server, { tls, ...options }: ConnectionsOptions = {}): Promise<Ask> {
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connections = createConnections({ max: 20, ...options, tls: tls ?? {} })
  onTestFinished(() => {
    connections.close()
    sockets.forEach((socket) => socket.destroy())
    server.close()
  })
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}/graphql?a=b`
  const ask = (body: string, isMutation = false) => {
    const exchange = connections.post({
      url,
      headers: { 'x-a': 'b' },
      body,
      isMutation,
      maxBytes: 1_000_000,
    })
    const answer = exchange.answer.then((answer) => answer.text)
    answer.catch(() => undefined)
    return { answer, cancel: () => exchange.cancel(new Error('gone')) }
  }
  return Object.assign(ask, { close: () => connections.close() })
}

/** Answers with what it was sent; to `never…` not at all, to `slow…` after a while. */
export function echo() {
  const asked: string[] = []
  /** Whose connection was closed before they were answered. */
  const abandoned: string[] = []
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => {
      asked.push(`${request.method} ${request.url} ${String(request.headers['x-a'])} ${body}`)
      response.on('close', () => response.writableFinished || abandoned.push(body))
      if (body.startsWith('slow')) setTimeout(() => response.end(body), 400)
      else if (!body.startsWith('never')) response.end(body)
    })
  }
  return { server: createServer(listener), listener, asked, abandoned }
}

/** Answers with these bytes, whatever it is asked, as soon as it is asked. */
export const parrot = (bytes: string) =>
  createTcpServer((socket) => socket.on('data', () => socket.write(bytes)))

export const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index} é`)
