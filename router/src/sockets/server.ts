import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from '@mall/service/logger'
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Counts } from '../metrics/counts.ts'
import { createCallers, type CallersDeps } from '../subscriptions/callers.ts'
import type { OperationDeps } from '../subscriptions/operation.ts'
import { createOutbox } from '../subscriptions/outbox.ts'
import type { Connection } from './connection.ts'
import { createNextFrames } from './frames.ts'
import { createReceive } from './receive.ts'

export interface SocketServerOptions extends OperationDeps, CallersDeps {
  readonly server: Server
  readonly addressOf: (request: IncomingMessage) => string
  /** Milliseconds between pings. */
  readonly heartbeatMs: number
  readonly counts: Pick<Counts, 'conflated'>
  readonly logger: Logger
}

export interface SocketServer {
  /** How many sockets are open. */
  open(): number
  close(): Promise<void>
}

const MAX_PAYLOAD = 1024 * 1024
/** How long a client may take from opening its socket to `connection_init`. */
const INIT_WITHIN_MS = 3_000
const LOOK_EVERY_MS = 500
/** How long clients may take to answer the router's farewell. */
const LEAVE_WITHIN_MS = 2_000

/**
 * graphql-transport-ws at `/graphql`: subscriptions, queries and mutations through the same pipeline as by HTTP. The
 * handshake and what is received are ws's; what is sent are frames of our own, made once for many sockets.
 */
export function serveSockets(options: SocketServerOptions): SocketServer {
  const { server, addressOf, heartbeatMs, counts, logger } = options
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_PAYLOAD,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  })
  const callers = createCallers<Connection>(options, (connection) => {
    connection.socket.close(CloseCode.Forbidden, 'Forbidden')
    callers.remove(connection)
  })
  const receive = createReceive(options)
  const render = createNextFrames()
  const open = new Set<Connection>()

  server.on('upgrade', upgrade)
  const timers = [setInterval(closeSilent, LOOK_EVERY_MS), setInterval(beat, heartbeatMs)]
  for (const timer of timers) timer.unref()

  return {
    open: () => open.size,
    async close() {
      server.off('upgrade', upgrade)
      timers.forEach(clearInterval)
      callers.close()
      const left = [...open].map(
        ({ socket }) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      )
      for (const { socket } of open) socket.close(1001, 'Going away')
      const impatience = setTimeout(() => open.forEach(({ socket }) => socket.terminate()), LEAVE_WITHIN_MS)
      await Promise.all(left)
      clearTimeout(impatience)
    },
  }

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    if (request.url?.split('?')[0] !== '/graphql')
      return void stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    const address = addressOf(request)
    sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, stream, address))
  }

  function accept(socket: WebSocket, stream: Duplex, address: string): void {
    const connection: Connection = {
      socket,
      stream,
      outbox: createOutbox({ to: stream, isOpen: () => socket.readyState === socket.OPEN, render, counts }),
      address,
      openedAt: Date.now(),
      state: 'open',
      bytesRead: 0,
      session: null,
      viewer: null,
      running: new Map(),
    }
    open.add(connection)
    socket.on('error', (error) => logger.debug({ error }, 'a socket failed'))
    socket.on('close', () => {
      open.delete(connection)
      callers.remove(connection)
    })
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
      return socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable')
    callers.add(connection)
    socket.on('message', (data: Buffer) => receive(connection, data.toString()))
  }

  function closeSilent(): void {
    const latest = Date.now() - INIT_WITHIN_MS
    for (const { state, openedAt, socket } of open)
      if (state === 'open' && openedAt <= latest)
        socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout')
  }

  /** Whatever came since the last ping shows that the client is there, its pong for one. */
  function beat(): void {
    for (const connection of open) {
      const { socket, stream, bytesRead } = connection
      const now = bytesReadOf(stream)
      if (now === bytesRead) socket.terminate()
      else if (socket.readyState === socket.OPEN) socket.ping()
      connection.bytesRead = now
    }
  }
}

const bytesReadOf = (stream: Duplex): number =>
  'bytesRead' in stream && typeof stream.bytesRead === 'number' ? stream.bytesRead : 0
