import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Viewer } from '@mall/access'
import { forbidden, graphError } from '@mall/service/errors'
import type { Logger } from '@mall/service/logger'
import { GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLFormattedError } from 'graphql'
import type { SubscribePayload } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Authentication, Session } from '../authentication.ts'
import type { LiveGraph } from '../graph.ts'
import type { Mask } from '../pipeline/mask.ts'
import { toResult, type Admitted, type Answer } from '../pipeline/pipeline.ts'
import type { PreparedOperation } from '../pipeline/prepare.ts'
import { startSubscription, type Subscription, type SubscriptionDeps } from './subscription.ts'

export interface SocketServerOptions extends SubscriptionDeps {
  readonly server: Server
  readonly authentication: Authentication | null
  readonly addressOf: (request: IncomingMessage) => string
  readonly graph: Pick<LiveGraph, 'onSwap' | 'objections'>
  readonly mask: Mask
  readonly logger: Logger
}

const MAX_PAYLOAD = 1024 * 1024
const MAX_OPERATIONS = 100
/** What a client gets whose token is invalid, has expired or whose session was revoked. */
const FORBIDDEN_CLOSE = [4403, 'Forbidden'] as const
/** How long clients may take to answer the router's farewell. */
const LEAVE_WITHIN_MS = 2_000
const MAX_TIMER_MS = 2 ** 31 - 1

/** One socket: who it speaks for, and what runs on it. */
interface Connection {
  readonly socket: WebSocket
  readonly address: string
  session: Session | null
  viewer: Viewer | null
  expiry: NodeJS.Timeout | undefined
  readonly running: Map<string, { readonly admitted: Admitted; readonly subscription: Subscription }>
}

/** graphql-transport-ws at `/graphql`: subscriptions, queries and mutations through the same pipeline as by HTTP. */
export function serveSockets(options: SocketServerOptions): { close(): Promise<void> } {
  const { server, authentication, pipeline, mask, logger } = options
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD })
  const connections = new Map<WebSocket, Connection>()

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.url?.split('?')[0] !== '/graphql')
      return void socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n')
    sockets.handleUpgrade(request, socket, head, (open) => sockets.emit('connection', open, request))
  }
  server.on('upgrade', upgrade)
  sockets.on('connection', (socket, request) => {
    const connection: Connection = {
      socket,
      address: options.addressOf(request),
      session: null,
      viewer: null,
      expiry: undefined,
      running: new Map(),
    }
    connections.set(socket, connection)
    socket.on('error', (error) => logger.debug({ error }, 'a socket failed'))
    socket.on('close', () => {
      clearTimeout(connection.expiry)
      connections.delete(socket)
    })
  })

  const handle = useServer<Record<string, unknown>, { socket: WebSocket }>(
    {
      onConnect: async ({ connectionParams, extra }) => {
        const connection = connectionOf(extra.socket)
        const header = connectionParams?.authorization ?? connectionParams?.Authorization
        if (!authentication || header === undefined || header === null || header === '') return true
        return authenticate(connection, typeof header === 'string' ? header : '', authentication)
      },
      onSubscribe: async ({ extra, subscriptions }, id, payload) => {
        if (Object.keys(subscriptions).length > MAX_OPERATIONS)
          return [graphError('RATE_LIMITED', `At most ${MAX_OPERATIONS} operations may run on one socket.`)]
        return prepareSubscribe(connectionOf(extra.socket), id, payload)
      },
      execute: (args: ExecutionArgs) => runOf(args).execute(),
      subscribe: (args: ExecutionArgs) => runOf(args).subscribe(),
      onComplete: ({ extra }, id) => void connections.get(extra.socket)?.running.delete(id),
      onError: (_context, _id, _payload, errors) => errors.map((error) => told(error)),
      // Answers are masked already, and made of plain values.
      onNext: () => undefined,
    },
    sockets,
  )
  const offChange = authentication?.onChange(() => void rightsChanged())
  const offSwap = options.graph.onSwap(() => void supergraphChanged())

  return {
    async close() {
      server.off('upgrade', upgrade)
      offChange?.()
      offSwap()
      const impatience = setTimeout(
        () => sockets.clients.forEach((socket) => socket.terminate()),
        LEAVE_WITHIN_MS,
      )
      await handle.dispose()
      sockets.close()
      clearTimeout(impatience)
    },
  }

  function connectionOf(socket: WebSocket): Connection {
    const connection = connections.get(socket)
    if (!connection) throw new Error('a message came from a socket that is gone')
    return connection
  }

  async function authenticate(connection: Connection, header: string, by: Authentication): Promise<boolean> {
    try {
      const session = await by.authenticate(header)
      if (!session) return true
      connection.session = session
      connection.viewer = by.viewerOf(session)
      const left = Math.min(session.expiresAt - Date.now(), MAX_TIMER_MS)
      connection.expiry = setTimeout(() => connection.socket.close(...FORBIDDEN_CLOSE), left).unref()
      return true
    } catch (error) {
      if (error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED') return false
      logger.error({ error }, 'a socket could not be authenticated')
      connection.socket.close(1013, 'Try again later')
      return false
    }
  }

  async function prepareSubscribe(
    connection: Connection,
    id: string,
    payload: SubscribePayload,
  ): Promise<readonly GraphQLError[] | ExecutionArgs> {
    const prepared = pipeline.prepare(payload.query, payload.operationName)
    if (!isPrepared(prepared)) return prepared
    const request = { ...payload, variables: payload.variables ?? null }
    const admitted = await pipeline.admit(prepared, request, connection.viewer)
    if (!isAdmitted(admitted)) return [...(toResult(admitted).errors ?? [])]
    return {
      schema: prepared.schema,
      document: prepared.document,
      contextValue: createRun(connection, id, admitted),
    }
  }

  function createRun(connection: Connection, id: string, admitted: Admitted): Run {
    const asker = { viewer: () => connection.viewer, address: connection.address }
    return {
      execute() {
        const leaving = new AbortController()
        const leave = () => leaving.abort()
        connection.socket.once('close', leave)
        return pipeline
          .execute(admitted, {
            viewer: connection.viewer,
            address: connection.address,
            signal: leaving.signal,
            deadline: options.deadline(),
          })
          .then(toResult)
          .finally(() => connection.socket.off('close', leave))
      },
      subscribe() {
        try {
          const subscription = startSubscription(admitted, asker, options)
          connection.running.set(id, { admitted, subscription })
          return subscription.answers
        } catch (error) {
          return toResult({ data: null, errors: [mask(error)] })
        }
      },
    }
  }

  async function rightsChanged(): Promise<void> {
    for (const connection of connections.values()) {
      const { session, viewer: before } = connection
      if (!session || !authentication) continue
      const viewer = authentication.viewerOf(session)
      connection.viewer = viewer
      if (!viewer) connection.socket.close(...FORBIDDEN_CLOSE)
      else if (before && !sameScopes(before, viewer)) await reconsider(connection, viewer)
    }
  }

  /** What lost a scope that it needs ends; the rest goes on under the new rights. */
  async function reconsider({ running }: Connection, viewer: Viewer): Promise<void> {
    for (const [id, { admitted, subscription }] of [...running]) {
      const denied = await pipeline.deniedTo(viewer, admitted.prepared)
      if ([...denied].some((index) => !admitted.denied.has(index))) {
        running.delete(id)
        subscription.fail(forbidden())
      } else subscription.reopen()
    }
  }

  /** What does not fit the new supergraph ends; the rest goes on as it was planned. */
  async function supergraphChanged(): Promise<void> {
    for (const { running, viewer } of [...connections.values()]) {
      for (const [id, { admitted, subscription }] of [...running]) {
        const [objection] = await options.graph.objections(admitted, viewer)
        if (!objection) continue
        running.delete(id)
        subscription.fail(objection)
      }
    }
  }

  function told(error: GraphQLError | GraphQLFormattedError): GraphQLFormattedError {
    const isRefusal = 'toJSON' in error && refusalCodes.has(String(error.extensions.code))
    return isRefusal ? error.toJSON() : mask(error)
  }
}

/** Errors that were made here before anything ran. */
const refusalCodes: ReadonlySet<string> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
])

/** What graphql-ws carries between its steps in place of a context. */
interface Run {
  execute(): Promise<ExecutionResult>
  subscribe(): AsyncGenerator<ExecutionResult, void, void> | ExecutionResult
}

function runOf({ contextValue }: ExecutionArgs): Run {
  const isRun = (value: unknown): value is Run =>
    typeof value === 'object' && value !== null && 'execute' in value && 'subscribe' in value
  if (!isRun(contextValue)) throw new Error('an operation was started that was not prepared')
  return contextValue
}

const isPrepared = (value: PreparedOperation | readonly GraphQLError[]): value is PreparedOperation =>
  'document' in value

const isAdmitted = (value: Admitted | Answer): value is Admitted => 'prepared' in value

const sameScopes = (a: Viewer, b: Viewer) =>
  a.scopes.length === b.scopes.length && a.scopes.every((scope) => b.scopes.includes(scope))
