import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A message, as tests look at it: answers of the stock graph, or errors. */
export interface Received {
  readonly type: string
  readonly id?: string
  readonly payload: {
    readonly data: {
      readonly stockChanged: Change
      readonly padded: Change
      readonly orderChanged: { readonly owner: string }
    }
    readonly [index: number]: { readonly extensions: { readonly code: string } }
  }
}

export interface Change {
  readonly sku: { readonly id: string; readonly mine: number }
  readonly available: number
  readonly version: number
}

/** A socket without a library's manners: it sends what it is told, and keeps what it gets. */
export async function openSocket(
  { url }: { readonly url: string },
  options: { readonly protocols?: readonly string[]; readonly autoPong?: boolean } = {},
) {
  const { protocols = ['graphql-transport-ws'], autoPong = true } = options
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, [...protocols], { autoPong })
  const messages: Received[] = []
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Received))
  socket.on('error', () => undefined)
  await once(socket, 'open')
  const send = (message: unknown) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  return {
    socket,
    messages,
    closed,
    send,
    subscribe: (id: string, query: string, variables?: object) =>
      send({ type: 'subscribe', id, payload: { query, variables } }),
    /** What an operation gave. */
    of: (id: string) => messages.filter((message) => message.id === id),
  }
}

export type RawSocket = Awaited<ReturnType<typeof openSocket>>

/** Opens a socket and has it acknowledged. */
export async function connectSocket(router: { readonly url: string }, token?: string): Promise<RawSocket> {
  const socket = await openSocket(router)
  const payload = token ? { authorization: `Bearer ${token}` } : {}
  socket.send({ type: 'connection_init', payload })
  await once(socket.socket, 'message')
  return socket
}
