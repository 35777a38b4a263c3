import { graphError, unauthenticated } from '@mall/service/errors'
import type { Logger } from '@mall/service/logger'
import { GraphQLError } from 'graphql'
import {
  CloseCode,
  MessageType,
  parseMessage,
  type ConnectionInitMessage,
  type Message,
  type SubscribeMessage,
} from 'graphql-ws'
import type { Authentication } from '../authentication.ts'
import { createOperation, type OperationDeps } from '../subscriptions/operation.ts'
import type { Connection } from './connection.ts'
import { textFrame } from './frames.ts'

export interface ReceiveDeps extends OperationDeps {
  readonly authentication: Authentication | null
  readonly logger: Logger
}

const MAX_OPERATIONS = 100
/** Ids are repeated in every message; those of clients are below 40 characters. */
const MAX_ID_LENGTH = 256

/** What a server of graphql-transport-ws does with a message. */
export function createReceive(deps: ReceiveDeps): (connection: Connection, text: string) => void {
  const { authentication, logger } = deps

  return (connection, text) => {
    const { socket } = connection
    if (socket.readyState !== socket.OPEN) return
    const message = readMessage(text)
    if (!message) return socket.close(CloseCode.BadRequest, 'Invalid message received')
    switch (message.type) {
      case MessageType.ConnectionInit:
        return void init(connection, message)
      case MessageType.Ping: {
        const payload = message.payload ? { payload: message.payload } : {}
        return send(connection, { type: MessageType.Pong, ...payload })
      }
      case MessageType.Pong:
        return
      case MessageType.Subscribe:
        return subscribe(connection, message)
      case MessageType.Complete: {
        connection.running.get(message.id)?.stop()
        connection.running.delete(message.id)
        return connection.outbox.forget(message.id)
      }
      default:
        // Only servers say these.
        return socket.close(CloseCode.BadRequest, 'Invalid message received')
    }
  }

  async function init(connection: Connection, { payload }: ConnectionInitMessage): Promise<void> {
    const { socket } = connection
    if (connection.state !== 'open')
      return socket.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests')
    connection.state = 'initialising'
    const header = payload?.authorization ?? payload?.Authorization ?? ''
    try {
      if (authentication && header !== '')
        await authenticate(connection, typeof header === 'string' ? header : 'malformed', authentication)
      if (socket.readyState !== socket.OPEN) return
      connection.state = 'acknowledged'
      send(connection, { type: MessageType.ConnectionAck })
    } catch (error) {
      const code = error instanceof GraphQLError ? error.extensions.code : undefined
      if (code === 'UNAUTHENTICATED') return socket.close(CloseCode.Forbidden, 'Forbidden')
      logger.error({ error }, 'a socket could not be authenticated')
      if (code === 'UNAVAILABLE') socket.close(1013, 'Try again later')
      else socket.close(CloseCode.InternalServerError, 'Internal server error')
    }
  }

  function subscribe(connection: Connection, { id, payload }: SubscribeMessage): void {
    const { socket, running, outbox } = connection
    if (connection.state !== 'acknowledged') return socket.close(CloseCode.Unauthorized, 'Unauthorized')
    if (id.length > MAX_ID_LENGTH) return socket.close(CloseCode.BadRequest, 'Invalid message received')
    if (running.has(id)) {
      const subject = id.length < 90 ? `Subscriber for ${id}` : 'Subscriber'
      return socket.close(CloseCode.SubscriberAlreadyExists, `${subject} already exists`)
    }
    if (running.size >= MAX_OPERATIONS) {
      const limit = `At most ${MAX_OPERATIONS} operations may run on one socket.`
      return send(connection, { id, type: MessageType.Error, payload: [graphError('RATE_LIMITED', limit)] })
    }
    const last = (message: object) => {
      running.delete(id)
      send(connection, { id, ...message })
    }
    const operation = createOperation(
      connection,
      payload,
      {
        next(event) {
          if (outbox.event(id, event)) return
          operation.stop()
          outbox.forget(id)
          const problem = graphError('RATE_LIMITED', 'This client does not keep up with the events.')
          last({ type: MessageType.Error, payload: [problem] })
        },
        error: (errors) => last({ type: MessageType.Error, payload: errors }),
        complete: () => last({ type: MessageType.Complete }),
      },
      deps,
    )
    running.set(id, operation)
    void operation.run()
  }
}

/** As a session that is good at this moment; throws when it is not. */
async function authenticate(connection: Connection, header: string, by: Authentication): Promise<void> {
  const session = await by.authenticate(header)
  const viewer = session && by.viewerOf(session)
  if (session && !viewer) throw unauthenticated('The session has ended.')
  connection.session = session
  connection.viewer = viewer
}

function readMessage(text: string): Message | null {
  try {
    return parseMessage(text)
  } catch {
    return null
  }
}

function send({ outbox }: Connection, message: object): void {
  outbox.message(textFrame(JSON.stringify(message)))
}
